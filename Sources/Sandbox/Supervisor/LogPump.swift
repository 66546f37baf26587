internal import CLinux
internal import Glibc
internal import SystemPackage

/// Carries what the run prints from its pipe into its log.
struct LogPump: Sendable {
    private let reading: FileDescriptor
    private let path: String
    private let limit: Int
    private let isStopping = SharedFlag()

    init(reading: FileDescriptor, path: String, limit: Int) {
        self.reading = reading
        self.path = path
        self.limit = limit
    }

    /// Lets `pump` return when nothing has come for a moment, for processes that not even SIGKILL ends.
    func stopSoon() { isStopping.raise() }

    /// Blocks until everyone has closed the pipe; the bytes that came, whether some were left out, and the first of them.
    func pump() throws(SandboxError) -> (bytes: Int, isTruncated: Bool, beginning: [UInt8]) {
        defer { System.close(reading) }
        var sink = try LogSink(path, limit: limit)
        var beginning: [UInt8] = []
        while true {
            var request = pollfd(fd: reading.rawValue, events: Int16(POLLIN), revents: 0)
            let ready = unsafe poll(&request, 1, 500)
            if ready == 0 && isStopping.isUp { break }
            if ready <= 0 { continue }
            let bytes = try System.readSome(reading, limit: 65_536, path: path)
            if bytes.isEmpty { break }
            beginning += bytes.prefix(max(0, 400 - beginning.count))
            try sink.append(bytes)
        }
        try sink.finish()
        return (sink.received, sink.isTruncated, beginning)
    }
}

/// A pipe whose ends no other program inherits.
enum Pipe {
    static func make() throws(SandboxError) -> (reading: FileDescriptor, writing: FileDescriptor) {
        var ends: [Int32] = [-1, -1]
        let number = unsafe clinux_pipe(&ends)
        guard number == 0 else { throw .system(call: "pipe", path: "", number: number) }
        return (FileDescriptor(rawValue: ends[0]), FileDescriptor(rawValue: ends[1]))
    }
}

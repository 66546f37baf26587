internal import SystemPackage

/// Writes what a run prints into its log as it comes, and bounds it: the beginning and the end are kept.
struct LogSink: ~Copyable {
    /// Bytes that came.
    private(set) var received = 0
    private let file: FileDescriptor
    private let path: String
    private let headLimit: Int
    private let tailLimit: Int
    /// The last bytes beyond the beginning, at most twice `tailLimit`.
    private var tail: [UInt8] = []
    private var written = 0

    /// Opens the log; `limit` bytes (and one line) are its largest size.
    init(_ path: String, limit: Int) throws(SandboxError) {
        self.path = path
        file = try System.open(path, .writeOnly, [.create, .truncate], permissions: [.ownerReadWrite])
        tailLimit = min(65_536, limit / 2)
        headLimit = limit - tailLimit
    }

    /// Whether something had to be left out so far.
    var isTruncated: Bool { received > written + min(tail.count, tailLimit) }

    mutating func append(_ bytes: [UInt8]) throws(SandboxError) {
        received += bytes.count
        let direct = min(bytes.count, headLimit - written)
        if direct > 0 {
            try System.write(bytes.prefix(direct), to: file, path: path)
            written += direct
        }
        tail += bytes.dropFirst(direct)
        if tail.count > 2 * tailLimit { tail.removeFirst(tail.count - tailLimit) }
    }

    /// Writes the end after the last byte came.
    mutating func finish() throws(SandboxError) {
        let leftOut = isTruncated
        let end = tail.suffix(tailLimit)
        if leftOut {
            let line = "\n... \(received - written - end.count) bytes left out ...\n"
            try System.write(Array(line.utf8), to: file, path: path)
        }
        try System.write(end, to: file, path: path)
    }

    deinit {
        System.close(file)
    }
}

import Curl

/// The body of a request while it is made: in memory as long as it is small, then in a file without a name, so that a mail
/// with a large attachment costs no memory (P6) and nothing of it is left behind, however the process ends.
struct SendGridSpool: ~Copyable {
    private let folder: String
    private let memoryBytes: Int
    private let disk = SpoolDisk()
    private var pending: [UInt8] = []
    private var file: SpoolFile?
    private(set) var bytes: Int64 = 0

    /// - Parameters:
    ///   - folder: for the file, if one is needed; it must exist.
    ///   - memoryBytes: up to here it is kept in memory.
    init(folder: String, memoryBytes: Int = SpooledMessage.memoryBytes) {
        self.folder = folder
        self.memoryBytes = memoryBytes
    }

    mutating func append(_ more: [UInt8]) async throws(SpoolError) {
        pending += more
        bytes += Int64(more.count)
        if pending.count > memoryBytes { try await flush() }
    }

    /// To be called once, after all of it. The body is good as long as the spool is there.
    mutating func body() async throws(SpoolError) -> HTTPRequest.Body {
        if file != nil { try await flush() }
        guard let file else { return .bytes(pending, contentType: "application/json") }
        // The file has no name; by its descriptor it can be opened again.
        return .file(path: "/proc/self/fd/\(file.descriptor)", contentType: "application/json")
    }

    private mutating func flush() async throws(SpoolError) {
        let (bytes, folder) = (pending, folder)
        pending = []
        let target: SpoolFile
        if let file {
            target = file
        } else {
            target = try await disk.open { () throws(SpoolError) in try SpoolFile(in: folder) }
            file = target
        }
        try await disk.append(bytes, to: target)
    }
}

internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Musl
#endif

/// A folder for one picture's decoders, with a copy of the picture in it. All calls block.
struct WorkFolder: Sendable {
    let path: String
    private let shell: String

    /// Makes a folder inside a private one: the sandbox enters the inner one before it becomes its owner, and nobody
    /// else gets through the outer one.
    init(in parent: String) throws(PictureError) {
        shell = "\(parent)/picture-\(UUID().uuidString)"
        path = "\(shell)/work"
        guard unsafe mkdir(shell, 0o700) == 0, unsafe mkdir(path, 0o755) == 0, unsafe chmod(path, 0o755) == 0 else {
            let number = errno
            unsafe _ = rmdir(shell)
            throw .io(operation: "make a folder", errno: number)
        }
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Copies a regular file in, so that what was checked is what is decoded.
    func take(_ source: String, as name: String) throws(PictureError) {
        try Self.copy(source, to: file(name), mode: 0o644)
    }

    /// Copies a regular file out to a new one; it must not exist yet, and is removed if the copy fails.
    func give(_ name: String, to destination: String) throws(PictureError) {
        try Self.copy(file(name), to: destination, mode: 0o644)
    }

    /// Puts a file of ours in the place of a decoder's.
    func replace(_ name: String, with bytes: [UInt8]) throws(PictureError) {
        guard unsafe unlink(file(name)) == 0 else { throw .io(operation: "write a picture", errno: errno) }
        guard FileManager.default.createFile(atPath: file(name), contents: Data(bytes)) else {
            throw .io(operation: "write a picture", errno: errno)
        }
    }

    func remove() {
        // What a decoder left may be gone or odd; the folder is of no use any more either way.
        try? FileManager.default.removeItem(atPath: shell)
    }

    private static func copy(_ source: String, to destination: String, mode: mode_t) throws(PictureError) {
        let input = unsafe open(source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard input >= 0 else { throw .io(operation: "open a picture", errno: errno) }
        defer { close(input) }
        var status = stat()
        guard unsafe fstat(input, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .io(operation: "open a picture", errno: EINVAL)
        }
        let output = unsafe open(destination, O_WRONLY | O_CLOEXEC | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
        guard output >= 0 else { throw .io(operation: "make a picture file", errno: errno) }
        defer { close(output) }
        do throws(PictureError) {
            try pump(from: input, to: output)
            guard fchmod(output, mode) == 0 else { throw .io(operation: "write a picture", errno: errno) }
        } catch {
            unsafe _ = unlink(destination)
            throw error
        }
    }

    private static func pump(from input: CInt, to output: CInt) throws(PictureError) {
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let got = unsafe buffer.withUnsafeMutableBytes { unsafe read(input, $0.baseAddress, $0.count) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .io(operation: "read a picture", errno: errno) }
            guard got > 0 else { return }
            var done = 0
            while done < got {
                let put = unsafe buffer.withUnsafeBytes {
                    unsafe write(output, $0.baseAddress?.advanced(by: done), got - done)
                }
                if put < 0, errno == EINTR { continue }
                guard put > 0 else { throw .io(operation: "write a picture", errno: errno) }
                done += put
            }
        }
    }
}

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Musl
#endif

/// A picture's bytes, of a file or in memory, to look at here and there with little memory.
final class PictureBytes {
    let count: Int
    private let descriptor: CInt?
    private var window: [UInt8]
    private var start = 0

    private static let windowBytes = 16_384

    init(_ bytes: [UInt8]) {
        descriptor = nil
        window = bytes
        count = bytes.count
    }

    /// Opens a regular file; links are not followed.
    init(fileAt path: String) throws(PictureError) {
        let opened = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard opened >= 0 else { throw .io(operation: "open the picture", errno: errno) }
        var status = stat()
        guard unsafe fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            throw .io(operation: "open the picture", errno: EINVAL)
        }
        descriptor = opened
        count = Int(status.st_size)
        window = []
    }

    deinit { if let descriptor { close(descriptor) } }

    /// `length` bytes at `offset`; a picture that ends before is `truncated`.
    func bytes(at offset: Int, _ length: Int) throws(PictureError) -> ArraySlice<UInt8> {
        guard offset >= 0, length >= 0, length <= Self.windowBytes, offset <= count - length else { throw .truncated }
        try show(offset, length)
        return window[(offset - start)..<(offset - start + length)]
    }

    func byte(at offset: Int) throws(PictureError) -> UInt8 {
        guard offset >= 0, offset < count else { throw .truncated }
        try show(offset, 1)
        return window[offset - start]
    }

    /// A big-endian number of up to 4 bytes.
    func big(at offset: Int, _ length: Int) throws(PictureError) -> Int {
        try bytes(at: offset, length).reduce(0) { $0 << 8 | Int($1) }
    }

    /// A little-endian number of up to 4 bytes.
    func little(at offset: Int, _ length: Int) throws(PictureError) -> Int {
        try bytes(at: offset, length).reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    func has(_ text: StaticString, at offset: Int) throws(PictureError) -> Bool {
        try bytes(at: offset, text.utf8CodeUnitCount).elementsEqual("\(text)".utf8)
    }

    /// The place of the next `byte` from `offset` on; `truncated` if there is none.
    func find(_ byte: UInt8, from offset: Int) throws(PictureError) -> Int {
        var at = offset
        while at < count {
            try show(at, 1)
            let skip = at - start
            let hit = unsafe window.withUnsafeBytes { shown in
                let from = unsafe UnsafeRawBufferPointer(rebasing: shown[skip...])
                guard let base = from.baseAddress else { return Int?.none }
                return unsafe memchr(base, CInt(byte), from.count).map { unsafe UnsafeRawPointer($0) - base }
            }
            if let hit { return at + hit }
            at = start + window.count
        }
        throw .truncated
    }

    /// Brings bytes into the window that are known to be in the file.
    private func show(_ offset: Int, _ length: Int) throws(PictureError) {
        guard let descriptor, offset < start || offset + length > start + window.count else { return }
        var fresh = [UInt8](repeating: 0, count: min(Self.windowBytes, count - offset))
        var filled = 0
        while filled < fresh.count {
            let got = unsafe fresh.withUnsafeMutableBytes { buffer in
                unsafe pread(
                    descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled, off_t(offset + filled))
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .io(operation: "read the picture", errno: errno) }
            guard got > 0 else { throw .truncated }
            filled += got
        }
        window = fresh
        start = offset
    }
}

internal import CMagic

/// The one owner of a `magic_t`: opens and loads it, and closes it when released.
///
/// One thread at a time may use a cookie; ``FileKindDetector`` sees to that.
@safe
final class MagicCookie: @unchecked Sendable {  // because it is either in the pool or with exactly one caller
    private let cookie: magic_t

    /// Loads the database at `path`. The path is always given, so that the variable `MAGIC` and `~/.magic` of whoever
    /// starts the process change nothing.
    init(database path: String) throws(FileKindError) {
        guard let opened = unsafe magic_open(Self.flags) else {
            throw .databaseUnusable(reason: "magic_open failed")
        }
        unsafe cookie = opened
        guard unsafe magic_load(cookie, path) == 0 else {
            throw .databaseUnusable(reason: lastError)
        }
    }

    deinit { unsafe magic_close(cookie) }

    /// The MIME type and the description of `bytes`, which libmagic only reads.
    func look(at bytes: [UInt8]) throws(FileKindError) -> (mimeType: String, description: String) {
        let mimeType = try answer(to: bytes, flags: Self.flags | MAGIC_MIME_TYPE)
        return (mimeType, try answer(to: bytes, flags: Self.flags))
    }

    /// No guesses that Kiln does not want (a comma in each line is no CSV), and nothing is unpacked to look inside.
    private static let flags = MAGIC_NO_CHECK_CSV | MAGIC_NO_CHECK_COMPRESS

    private func answer(to bytes: [UInt8], flags: CInt) throws(FileKindError) -> String {
        guard unsafe magic_setflags(cookie, flags) == 0 else { throw .undetected(reason: lastError) }
        let text = unsafe bytes.withUnsafeBytes { unsafe magic_buffer(cookie, $0.baseAddress, $0.count) }
        guard let text = unsafe text else { throw .undetected(reason: lastError) }
        return unsafe String(cString: text)
    }

    private var lastError: String {
        guard let text = unsafe magic_error(cookie) else { return "unknown error" }
        return unsafe String(cString: text)
    }
}

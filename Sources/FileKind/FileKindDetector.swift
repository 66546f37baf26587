internal import NIOConcurrencyHelpers

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Musl
#endif

/// Says what bytes are, with libmagic and a few checks of Kiln's own where libmagic guesses.
///
/// One spelling per kind: guessed programming languages and mail-like texts are `text/plain`; `image/svg+xml` means that
/// the root element is an SVG one; `application/json` also holds for a file longer than the prefix that starts as JSON;
/// any file with an ISO 9660 descriptor is `application/x-iso9660-image`; a ZIP with an Android manifest is an APK.
/// Calls take 0.1 to 1 ms and hold no lock while they look.
package final class FileKindDetector: Sendable {
    /// As many leading bytes as a look needs (an ISO 9660 image shows itself at byte 32,769).
    package static let prefixBytes = 65_536

    private static let idleCookies = 8
    private static let databases = [
        "/usr/lib/file/magic.mgc", "/usr/share/misc/magic.mgc", "/usr/share/file/magic.mgc",
        "/usr/share/file/misc/magic.mgc",
    ]

    private let database: String
    private let idle: NIOLockedValueBox<[MagicCookie]>

    /// Finds and loads the system's magic database, so that a missing one is known at start.
    package init() throws(FileKindError) {
        guard let found = Self.databases.first(where: { unsafe access($0, R_OK) == 0 }) else {
            throw .databaseMissing(searched: Self.databases)
        }
        database = found
        idle = NIOLockedValueBox([try MagicCookie(database: found)])
    }

    /// The kind of a file that begins with `bytes`: all of it, or at least its first ``prefixBytes``.
    package func kind(ofPrefix bytes: some Collection<UInt8>) throws(FileKindError) -> FileKind {
        try kind(ofHead: Array(bytes.prefix(Self.prefixBytes)), isCut: bytes.count >= Self.prefixBytes)
    }

    /// The kind of the regular file at `path`; links are not followed. Reads at most the prefix and a ZIP's directory.
    package func kind(ofFileAt path: String) throws(FileKindError) -> FileKind {
        let file = try RegularFile(path: path)
        let head = try file.read(at: 0, upTo: Self.prefixBytes)
        let kind = try kind(ofHead: head, isCut: file.size > head.count)
        guard Self.zipFamily.contains(kind.mimeType), try AndroidPackage.isOne(file) else { return kind }
        return FileKind(mimeType: "application/vnd.android.package-archive", description: kind.description)
    }

    private func kind(ofHead head: [UInt8], isCut: Bool) throws(FileKindError) -> FileKind {
        guard !head.isEmpty else { return FileKind(mimeType: "application/x-empty", description: "empty") }
        let cookie = try takeCookie()
        defer { idle.withLockedValue { if $0.count < Self.idleCookies { $0.append(cookie) } } }
        let (mimeType, description) = try cookie.look(at: head)
        return FileKind(mimeType: Self.settled(mimeType, head: head, isCut: isCut), description: description)
    }

    private func takeCookie() throws(FileKindError) -> MagicCookie {
        if let cookie = idle.withLockedValue({ $0.popLast() }) { return cookie }
        return try MagicCookie(database: database)
    }

    private static let zipFamily: Set = [
        "application/zip", "application/java-archive", "application/vnd.android.package-archive",
    ]

    /// libmagic's type in the one spelling that Kiln uses, corrected where the bytes say better.
    private static func settled(_ guess: String, head: [UInt8], isCut: Bool) -> String {
        if head.count > 32_774, head[32_769..<32_774].elementsEqual("CD001".utf8) {
            return "application/x-iso9660-image"
        }
        if let spelling = spellings[guess] { return spelling }
        guard isTextual(guess) else { return guess }
        if SVGRoot.isSVG(head) { return "image/svg+xml" }
        if guess == "image/svg+xml" { return "text/xml" }
        if guess.hasPrefix("text/"), isCut, JSONPrefix.isJSON(head) { return "application/json" }
        let isGuessedLanguage = guess.hasPrefix("text/x-") || guess.hasPrefix("message/") || guess == "text/troff"
        return isGuessedLanguage ? "text/plain" : guess
    }

    private static let spellings = [
        "application/x-gzip": "application/gzip",
        "application/x-zip-compressed": "application/zip",
        "inode/x-empty": "application/x-empty",
        "image/x-ms-bmp": "image/bmp",
        "application/x-dosexec": "application/vnd.microsoft.portable-executable",
    ]

    private static func isTextual(_ type: String) -> Bool {
        type.hasPrefix("text/") || type.hasPrefix("message/") || type.hasSuffix("xml")
            || type == "application/javascript"
    }
}

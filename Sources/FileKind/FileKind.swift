/// What a file is, by its bytes and never by its name.
package struct FileKind: Sendable, Hashable {
    /// A lower-case MIME type without parameters, one spelling per kind (see ``FileKindDetector``).
    package let mimeType: String
    /// What libmagic says about the bytes, in printable ASCII and at most ``descriptionLimit`` characters. It can quote
    /// words out of the file: show it as text only.
    package let description: String

    package static let descriptionLimit = 120

    package init(mimeType: String, description: String) {
        self.mimeType = mimeType
        self.description = Self.printable(description)
    }

    /// The kind in a visitor's words, such as "PNG picture".
    package var humanName: String { Self.humanName(of: mimeType) }

    /// A visitor's words for a MIME type; an unknown one is given back as it is, cut and printable.
    package static func humanName(of mimeType: String) -> String {
        if let name = names[mimeType] { return name }
        if mimeType.hasPrefix("text/") { return "text file" }
        if mimeType.hasPrefix("video/") { return "video" }
        if mimeType.hasPrefix("audio/") { return "sound file" }
        return "file of type \(printable(mimeType))"
    }

    private static let names = [
        "image/png": "PNG picture",
        "image/jpeg": "JPEG picture",
        "image/webp": "WebP picture",
        "image/gif": "GIF picture",
        "image/svg+xml": "SVG drawing",
        "image/tiff": "TIFF picture",
        "image/bmp": "BMP picture",
        "image/heic": "HEIC picture",
        "image/avif": "AVIF picture",
        "application/zip": "ZIP archive",
        "application/x-tar": "tar archive",
        "application/gzip": "gzip file",
        "application/x-xz": "xz file",
        "application/x-bzip2": "bzip2 file",
        "application/x-7z-compressed": "7-Zip archive",
        "application/x-rar": "RAR archive",
        "application/java-archive": "Java archive",
        "application/vnd.android.package-archive": "Android app (APK)",
        "application/x-iso9660-image": "disc image (ISO)",
        "application/json": "JSON file",
        "application/pdf": "PDF document",
        "application/vnd.microsoft.portable-executable": "Windows program",
        "application/x-executable": "program",
        "application/x-pie-executable": "program",
        "application/x-sharedlib": "program library",
        "application/octet-stream": "file of an unknown kind",
        "application/x-empty": "empty file",
        "text/plain": "plain text file",
        "text/html": "web page (HTML)",
        "text/xml": "XML file",
    ]

    private static func printable(_ text: String) -> String {
        let kept = text.unicodeScalars.map { (0x20...0x7E).contains($0.value) ? Character($0) : "?" }
        guard kept.count > descriptionLimit else { return String(kept) }
        return String(kept.prefix(descriptionLimit - 3)) + "..."
    }
}

/// Why no kind could be said. None of these is the visitor's fault.
package enum FileKindError: Error, Sendable, Hashable {
    /// No compiled magic database lies where distributions put it (package `libmagic-mgc`).
    case databaseMissing(searched: [String])
    /// The database is there but libmagic does not take it.
    case databaseUnusable(reason: String)
    /// The file cannot be opened or read, or is not a regular file (`EINVAL`).
    case unreadable(path: String, errno: Int32)
    /// libmagic gave up on these bytes.
    case undetected(reason: String)
}

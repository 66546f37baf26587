import Domain
import Crypto
import Foundation
import NIOCore

/// A small file that is served as it is, kept in memory.
struct PublicFile: Sendable, Hashable {
    var contentType: String
    /// Shared by all answers.
    var bytes: ByteBuffer
    /// SHA-256, lower-case hex.
    var digest: String

    init(contentType: String, bytes: [UInt8]) {
        self.contentType = contentType
        self.bytes = ByteBuffer(bytes: bytes)
        self.digest = SHA256.hash(data: bytes).hexText
    }
}

/// The files of `public/`, read once at start: a name that was not there then leads nowhere, whatever it looks like.
struct PublicFiles: Sendable {
    private let files: [String: PublicFile]

    init(files: [String: PublicFile] = [:]) {
        self.files = files
    }

    /// Reads a folder and the folders in it. Files of kinds that are not served are left out.
    init(directory: String) throws {
        let root = URL(filePath: directory, directoryHint: .isDirectory)
        var files: [String: PublicFile] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: root.path) {
            guard let type = Self.contentType(of: name) else { continue }
            files[name] = PublicFile(
                contentType: type, bytes: [UInt8](try Data(contentsOf: root.appending(path: name))))
        }
        self.files = files
    }

    subscript(name: String) -> PublicFile? { files[name] }

    var index: AssetIndex { AssetIndex(digests: files.mapValues(\.digest)) }

    /// By the name's extension: these are the project's own files.
    static func contentType(of name: String) -> String? {
        // A script for jobs, to be read before it is run.
        if name == "kiln-report" { return "text/plain; charset=utf-8" }
        return switch name.split(separator: ".").last.map({ $0.lowercased() }) {
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "jpg", "jpeg": "image/jpeg"
        case "webp": "image/webp"
        case "ico": "image/vnd.microsoft.icon"
        case "woff2": "font/woff2"
        case "txt": "text/plain; charset=utf-8"
        case "webmanifest": "application/manifest+json"
        default: nil
        }
    }
}

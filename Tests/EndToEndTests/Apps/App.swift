import Foundation
import Testing

/// An app that was downloaded.
struct App: Sendable {
    var build: RemoteBuild
    var artifact: RemoteBuild.Artifact
    var path: String

    /// What apksigner, aapt, apktool, unzip and Python's zipfile say; see `Tests/Events/apk.py`.
    struct Facts: Decodable, Sendable {
        var package: String
        var version_code: Int
        var version_name: String
        var label: String
        var debuggable: Bool
        var activity: String
        var permissions: [String]
        var icons: [Int]
        var certificate: String
        var schemes: [Int]
        /// Name to SHA-256.
        var entries: [String: String]
    }

    func facts() async throws -> Facts {
        let answer = try await run("python3", "\(EventData.folder)/apk.py", "facts", path, within: .seconds(180))
        try #require(answer.code == 0, "\(answer.text)")
        return try JSONDecoder().decode(Facts.self, from: Data(answer.text.utf8))
    }

    /// What differs from another apart from signature and version; empty if nothing does.
    func differences(from other: App) async throws -> String {
        try await run("python3", "\(EventData.folder)/apk.py", "same", path, other.path).text
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

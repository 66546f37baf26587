package import Domain
import Crypto
import Foundation
import Glibc

/// Where the output of the recipes' prepare steps is kept: `<directory>/<recipe>/<digest>`.
///
/// The digest says what the output was made from: the prepare script, every file in the folders of the recipe's folder
/// (what a prepare script uses beside itself lies there), and this machine's distribution and processor. Files directly
/// in the recipe's folder (the form, the build script) can be edited without preparing again.
package struct PreparedFolders: Sendable {
    package let directory: String
    /// The folder of all recipes.
    package let recipes: String

    package init(directory: String, recipes: String) {
        self.directory = directory
        self.recipes = recipes
    }

    /// How a recipe stands.
    package enum Status: Hashable, Sendable {
        /// The recipe has no prepare step.
        case notNeeded
        case ready(path: String)
        case missing(path: String)
    }

    package func status(of recipe: Recipe) async throws(FileFault) -> Status {
        guard recipe.prepare != nil else { return .notNeeded }
        let path = try await path(for: recipe)
        return FolderWork.exists(path) ? .ready(path: path) : .missing(path: path)
    }

    /// Where the output for the recipe as it is now belongs.
    func path(for recipe: Recipe) async throws(FileFault) -> String {
        try await Blocking.run { () throws(FileFault) in
            "\(directory)/\(recipe.id)/\(try digest(of: recipe))"
        }
    }

    func folder(of recipe: Recipe) -> String { "\(recipes)/\(recipe.id)" }

    private func digest(of recipe: Recipe) throws(FileFault) -> String {
        guard let step = recipe.prepare else { return "none" }
        var hash = SHA256()
        // Each piece with its length, so that no two lists of pieces look alike.
        func add(_ bytes: [UInt8]) {
            hash.update(data: Array("\(bytes.count):".utf8))
            hash.update(data: bytes)
        }
        let folder = folder(of: recipe)
        add(try FileWork.read("\(folder)/\(step.script)", limit: 16 << 20))
        for entry in try FolderWork.tree(of: folder) where !entry.isFolder && entry.path.contains("/") {
            guard entry.path != step.script else { continue }
            add(Array(entry.path.utf8))
            add(Array(try FileWork.measure("\(folder)/\(entry.path)").sha256.utf8))
        }
        add(Array(Self.hostRelease().utf8))
        return String(hash.finalize().hexText.prefix(32))
    }

    /// `debian 12 x86_64`
    static func hostRelease() -> String {
        let text = (try? FileWork.read(release, limit: 1 << 16)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        var values: [Substring: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { values[parts[0]] = parts[1].filter { $0 != "\"" } }
        }
        #if arch(x86_64)
            let processor = "x86_64"
        #elseif arch(arm64)
            let processor = "arm64"
        #else
            let processor = "other"
        #endif
        return "\(values["ID"] ?? "unknown") \(values["VERSION_ID"] ?? "unknown") \(processor)"
    }

    /// `/etc/os-release` is a link to it on most systems, and links are not followed here.
    private static var release: String {
        FolderWork.exists("/usr/lib/os-release") ? "/usr/lib/os-release" : "/etc/os-release"
    }
}

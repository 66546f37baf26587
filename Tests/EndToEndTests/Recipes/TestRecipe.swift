import Foundation

/// A recipe that a test writes into a server's recipes folder.
struct TestRecipe: Sendable {
    let id: String
    /// Name in the folder to contents; scripts end in `.sh`.
    let files: [String: String]

    func write(into recipes: String) throws {
        let folder = "\(recipes)/\(id)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, contents) in files {
            let path = "\(folder)/\(name)"
            try Data(contents.utf8).write(to: URL(fileURLWithPath: path))
            let mode = name.hasSuffix(".sh") ? 0o755 : 0o644
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }
    }
}

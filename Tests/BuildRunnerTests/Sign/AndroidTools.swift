import Foundation
import Sandbox
import TestSupport

/// Android's own tools as a stranger uses them; in a sandbox because that is the simplest way to start a program here.
enum AndroidTools {
    struct Failure: Error {
        var words: String
    }

    static let framework = "/usr/share/android-framework-res/framework-res.apk"
    static let areThere = ["/usr/bin/aapt", "/usr/bin/apksigner", "/usr/bin/keytool", "/usr/bin/zipalign", framework]
        .allSatisfy { FileManager.default.fileExists(atPath: $0) }

    /// Runs a tool with `folder` at `/t`; what it printed.
    @discardableResult
    static func run(_ tool: String, _ arguments: [String], in folder: TemporaryDirectory) async throws -> String {
        let end = await SandboxedCommand(
            policy: SandboxPolicy(
                readOnly: [SandboxBind("/usr/share/android-framework-res", at: "/framework")],
                writable: [SandboxBind(folder.path, at: "/t")], workingDirectory: "/t",
                limits: SandboxLimits(addressSpace: nil)),
            executable: "/usr/bin/\(tool)", arguments: arguments
        ).run()
        let words = String(decoding: end.standardOutput + end.standardError, as: UTF8.self)
        guard end.succeeded else { throw Failure(words: "\(end.cause): \(words)") }
        return words
    }

    /// An unsigned app without code, aligned as a build would leave it.
    static func package(_ name: String, asset: String = "hello") async throws -> [UInt8] {
        let folder = try TemporaryDirectory()
        let manifest = """
            <?xml version="1.0" encoding="utf-8"?>
            <manifest xmlns:android="http://schemas.android.com/apk/res/android" package="\(name)"
                android:versionCode="1" android:versionName="1">
                <application android:hasCode="false" android:label="Sample"/>
            </manifest>
            """
        try Data(manifest.utf8).write(to: folder.url.appending(path: "AndroidManifest.xml"))
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "assets"), withIntermediateDirectories: true)
        try Data(asset.utf8).write(to: folder.url.appending(path: "assets/site.txt"))
        try await run(
            "aapt",
            [
                "package", "-f", "-M", "AndroidManifest.xml", "-A", "assets", "-I", "/framework/framework-res.apk",
                "-F",
                "made.apk", "--min-sdk-version", "21", "--target-sdk-version", "29",
            ], in: folder)
        try await run("zipalign", ["-f", "4", "made.apk", "app.apk"], in: folder)
        return [UInt8](try Data(contentsOf: folder.url.appending(path: "app.apk")))
    }

    /// What `apksigner verify` says; throws if it says no.
    static func verify(_ bytes: [UInt8]) async throws -> String {
        let folder = try TemporaryDirectory()
        try Data(bytes).write(to: folder.url.appending(path: "app.apk"))
        return try await run("apksigner", ["verify", "-v", "--print-certs", "app.apk"], in: folder)
    }

    /// A key store of somebody else.
    static func keyStore(
        _ names: [String], password: String, type: String = "PKCS12", algorithm: String = "RSA"
    ) async throws -> [UInt8] {
        let folder = try TemporaryDirectory()
        for name in names {
            try await run(
                "keytool",
                [
                    "-genkeypair", "-keystore", "keys", "-storetype", type, "-storepass", password, "-alias", name,
                    "-keyalg", algorithm, "-dname", "CN=\(name)", "-validity", "100",
                ], in: folder)
        }
        return [UInt8](try Data(contentsOf: folder.url.appending(path: "keys")))
    }
}

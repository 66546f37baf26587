import ArgumentParser
import BuildRunner
import Domain
import Foundation
import Logging
import Sandbox
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

/// The commands as an operator gives them, on a database that a server made, with Java's real `keytool`.
@Suite(
    .serialized,
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/keytool"), "keytool is not installed"),
    .timeLimit(.minutes(5)))
struct KeysCommandTests {
    private static let package = "org.example.app"
    private let directory: TemporaryDirectory
    private let store: SQLiteStore

    init() async throws {
        directory = try TemporaryDirectory()
        store = try await SQLiteStore.open(path: directory.path("data/kiln.sqlite"), notices: Notices())
        try configure("passphrase: first passphrase")
        try writeRecipe("sample", signing: true)
        try writeRecipe("other", signing: true)
        try writeRecipe("silent", signing: false)
        try Data("key-password\nsecond line\n".utf8).write(to: directory.url.appending(path: "password"))
    }

    private func configure(_ signing: String) throws {
        try """
        data: {directory: '\(directory.path("data"))'}
        recipes: {directory: '\(directory.path("recipes"))'}
        signing:
          \(signing)

        """.write(toFile: directory.path("kiln.yml"), atomically: false, encoding: .utf8)
    }

    private func writeRecipe(_ id: String, signing: Bool) throws {
        let folder = directory.url.appending(path: "recipes/\(id)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try """
        id: \(id)
        title: Sample
        summary: An app.
        fields: [{name: name, type: text, label: Name}]
        build: {provider: local, script: build.sh, uses: [name]}
        artifacts: [{match: '*.apk', content_type: application/vnd.android.package-archive}]
        \(signing ? "sign: {artifact: '*.apk', scheme: apk, packages: org.example.*}" : "")

        """.write(to: folder.appending(path: "recipe.yml"), atomically: false, encoding: .utf8)
        let script = folder.appending(path: "build.sh")
        try Data("#!/bin/sh\n".utf8).write(to: script)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
    }

    private func command(_ arguments: String...) async -> CommandRun {
        await command(arguments)
    }

    private func command(_ arguments: [String]) async -> CommandRun {
        await CommandRun(["keys"] + arguments + ["--config", directory.path("kiln.yml")])
    }

    /// - Returns: the exit code.
    private func run(_ arguments: String...) async -> Int32 {
        await command(arguments).code
    }

    private func signer() throws -> Signer {
        try Signing.signer(
            try KilnConfiguration.load(file: directory.path("kiln.yml"), environment: [:]), keys: store,
            sandbox: SandboxSettings(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func makeKey(_ package: String = package) async throws -> SigningKey {
        let signer = try signer()
        let key = try await signer.sealed(try await signer.factory.make(for: package), for: package, of: .sample)
        return try await store.addSigningKey(key)
    }

    private func kept(_ package: String = package, of recipe: RecipeID = .sample) async throws -> SigningKey? {
        try await store.signingKey(for: package, of: recipe)
    }

    @Test func `a key goes out into a file of its owner, and comes into another recipe as it was`() async throws {
        let key = try await makeKey()
        let (file, password) = (directory.path("key.p12"), directory.path("password"))
        #expect(await run("list") == 0)
        #expect(await command("list", "--json").output.contains("\"\(key.fingerprint)\""))
        let shown = await command("show", Self.package)
        #expect(shown.code == 0 && shown.errors.isEmpty)
        #expect(shown.output.contains(Self.package) && shown.output.contains(KeyText.fingerprint(key.fingerprint)))
        #expect(await run("export", Self.package, "--output", file, "--password-file", password) == 0)
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
        #expect(
            await run("export", Self.package, "--output", file, "--password-file", password) == 1, "it is there")
        #expect(await run("export", Self.package, "--output", file, "--password-file", password, "--force") == 0)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
                == ["data", "key.p12", "kiln.yml", "password", "recipes"])

        let into = ["--recipe", "other", "--package", Self.package, "--password-file", password]
        #expect(await command(["import", file] + into).code == 0)
        let other = try #require(try await kept(of: RecipeID(unchecked: "other")))
        #expect(other.fingerprint == key.fingerprint && other.sealed != key.sealed)
        #expect(try await signer().opened(other) != signer().opened(key), "its password is new")
        let unclear = await command("show", Self.package)
        #expect(unclear.code == 1, "two recipes have one")
        #expect(unclear.output.isEmpty && unclear.errors.contains("give --recipe, one of other, sample"), "P8")
        #expect(await run("show", Self.package, "--recipe", "other") == 0)
    }

    @Test func `a key is replaced only by who says so, and removed only by who knows it`() async throws {
        let first = try await makeKey()
        let (file, password) = (directory.path("key.p12"), directory.path("password"))
        _ = try await makeKey("org.example.two")
        #expect(await run("export", "org.example.two", "--output", file, "--password-file", password) == 0)
        let into = ["import", file, "--recipe", "sample", "--package", Self.package, "--password-file", password]
        #expect(await command(into).code == 1)
        #expect(try await kept() == first)
        #expect(await command(into + ["--replace"]).code == 0)
        let second = try #require(try await kept())
        #expect(second.fingerprint == (try await kept("org.example.two"))?.fingerprint)

        #expect(await run("remove", Self.package, "--fingerprint", first.fingerprint) == 1)
        #expect(await run("remove", Self.package, "--fingerprint", KeyText.fingerprint(second.fingerprint)) == 0)
        #expect(try await kept() == nil)
    }

    @Test func `what cannot be done ends with 1, and nothing is changed`() async throws {
        let password = directory.path("password")
        let file = directory.path("text")
        try Data("no key".utf8).write(to: URL(filePath: file))
        let rest = ["--recipe", "sample", "--package", Self.package, "--password-file", password]
        #expect(await command(["import", file] + rest).code == 1)
        #expect(await command(["import", "/no/file"] + rest).code == 1)
        #expect(await run("show", Self.package) == 1)
        #expect(
            await run("export", Self.package, "--output", directory.path("x"), "--password-file", password) == 1)
        _ = try await makeKey()
        try Data("short".utf8).write(to: URL(filePath: password))
        #expect(
            await run("export", Self.package, "--output", directory.path("x"), "--password-file", password) == 1)
        #expect(!FileManager.default.fileExists(atPath: directory.path("x")))
        // No test has a terminal to type at.
        #expect(await run("export", Self.package, "--output", directory.path("x")) == 1)
    }

    @Test(arguments: [("smaple", "org.example.two"), ("silent", "org.example.two"), ("sample", "org.elsewhere.two")])
    func `a key that no build would ever use is not taken in`(recipe: String, package: String) async throws {
        _ = try await makeKey()
        let (file, password) = (directory.path("key.p12"), directory.path("password"))
        #expect(await run("export", Self.package, "--output", file, "--password-file", password) == 0)
        #expect(
            await run("import", file, "--recipe", recipe, "--package", package, "--password-file", password) == 1)
        #expect(try await store.signingKeys(after: nil, limit: 9).count == 1)
    }

    @Test(arguments: [
        ["import", "f", "--recipe", "sample", "--package", "app"],
        ["import", "f", "--recipe", "No Recipe", "--package", "org.example.app"], ["export", "org.example.app"],
        ["remove", "org.example.app"], ["show"], ["dance"],
    ])
    func `wrong arguments end with 64`(arguments: [String]) async throws {
        let code: Int32
        do {
            _ = try KilnCommand.parseAsRoot(["keys"] + arguments)
            code = 0
        } catch {
            code = KilnCommand.exitCode(for: error).rawValue
        }
        #expect(code == 64)
    }

    @Test func `a changed passphrase opens nothing, with the old one beside it everything, and rotating ends that`()
        async throws
    {
        let key = try await makeKey()
        try configure("passphrase: second passphrase")
        #expect(await run("list") == 0, "what is no secret needs none")
        #expect(await run("show", Self.package) == 1)
        #expect(await run("rotate") == 1)
        try configure("passphrase: second passphrase\n  old_passphrase: first passphrase")
        #expect(await run("show", Self.package) == 0)
        #expect(await run("rotate") == 0)
        try configure("passphrase: second passphrase")
        #expect(await run("show", Self.package) == 0)
        let again = try #require(try await kept())
        #expect(again.fingerprint == key.fingerprint && again.sealed != key.sealed)
        #expect(await run("rotate") == 0)
        #expect(try await kept() == again, "a second time changes nothing")
    }

    @Test func `a passphrase can lie in a file, and is never printed`() async throws {
        try Data("a long passphrase\n".utf8).write(to: directory.url.appending(path: "passphrase"))
        try configure("passphrase_file: '\(directory.path("passphrase"))'")
        _ = try await makeKey()
        try configure("passphrase: a long passphrase")
        #expect(await run("show", Self.package) == 0)
        let configuration = try KilnConfiguration.load(file: directory.path("kiln.yml"), environment: [:])
        for text in ["\(configuration)", "\(configuration.signing)", String(reflecting: configuration.signing)] {
            #expect(!text.contains("a long passphrase"))
        }
        try configure("passphrase_file: '\(directory.path("missing"))'")
        #expect(await run("show", Self.package) == 1)
        for bad in ["passphrase: short", "passphrase: long enough it is\n  passphrase_file: x"] {
            try configure(bad)
            #expect(throws: ConfigurationProblems.self) {
                try KilnConfiguration.load(file: directory.path("kiln.yml"), environment: [:])
            }
        }
    }
}

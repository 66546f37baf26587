import Domain
import Foundation
import Sandbox
import Storage
import TestSupport
import Testing

@testable import BuildRunner

/// A Kiln whose recipe copies a package out, and which signs it.
struct SigningFixture: Sendable {
    let kiln: Kiln

    /// - Parameter app: what the run leaves as `app.apk`; `nil`: what the submission's `name` names in the recipe's folder.
    init(_ app: [UInt8]? = nil, packages: String = "org.example.*") async throws {
        var recipe = Recipe.sample()
        recipe.artifacts = [ArtifactRule(match: "*.apk", contentType: nil, maxBytes: 4 << 20)]
        recipe.sign = SignStep(artifact: "*.apk", scheme: .apk, packages: packages)
        let source = app == nil ? "$(cat \"$KILN_INPUTS/fields/name\")" : "app"
        kiln = try await Kiln(
            recipe: recipe,
            scripts: ["build.sh": "#!/bin/sh\nenv\ncp \"$KILN_RECIPE_DIR/\(source).bin\" \"$KILN_OUT/app.apk\"\n"])
        if let app { try offer(app, as: "app") }
    }

    func offer(_ app: [UInt8], as name: String) throws {
        let url = kiln.directory.url.appending(path: "recipes/sample/\(name).bin")
        try Data(app).write(to: url)
    }

    func signer(passphrase: String? = "a passphrase", folders: [String]? = nil) -> Signer {
        let settings = SandboxSettings()
        return Signer(
            keys: kiln.store,
            vault: SigningVault(
                SigningSecrets(passphrase: passphrase, keyFile: kiln.directory.path("signing-key"))),
            tools: folders.map { SigningTools(settings: settings, folders: $0) } ?? SigningTools(settings: settings),
            data: kiln.directory.path, clock: kiln.clock, logger: Kiln.logger)
    }

    func shop(_ signer: Signer? = nil, faults: FaultPoints = .none, clock: (any WallClock)? = nil) throws -> Workshop {
        try kiln.shop(providers: [kiln.local], clock: clock, signer: signer ?? self.signer(), faults: faults)
    }

    /// Builds once, to the end.
    func build(name: String = "app") async throws -> Build {
        let id = try await kiln.submit(name: name)
        return try await kiln.working(try shop()) { try await kiln.ended(id) }
    }

    func signed(_ build: Build) async throws -> [UInt8] {
        try await kiln.content("app.apk", of: build.id)
    }

    func keys() async throws -> [SigningKey] {
        try await kiln.store.signingKeys(after: nil, limit: 100)
    }

    /// Folders in memory that this Kiln left; each test has a data folder of its own.
    func leftInMemory() throws -> [String] {
        let mark = PrivateFolder.Place(data: kiln.directory.path).prefix
        return try FileManager.default.contentsOfDirectory(atPath: "/dev/shm").filter { $0.hasPrefix(mark) }
    }
}

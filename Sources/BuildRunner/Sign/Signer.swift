package import Domain
import Foundation
package import Logging
import NIOConcurrencyHelpers
import Sandbox
package import Storage

/// Signs what runs made, with keys that no run ever sees: one for each package of each recipe, made once and kept sealed.
///
/// Doing it again gives the same bytes, as long as the key is an RSA one: a crash between signing and writing it down
/// changes nothing.
package struct Signer: Sendable {
    /// Longer than the pause after which a build that waits tries again.
    private static let holdUp = Duration.seconds(60)

    private let keys: any SigningKeyStore
    private let clock: any WallClock
    private let logger: Logger
    private let turns: Turns
    /// When a package last could not be signed, since the last that could.
    private let troubleAt = NIOLockedValueBox<Timestamp?>(nil)
    package let vault: SigningVault
    package let tools: SigningTools
    package let factory: KeyFactory

    /// - Parameters:
    ///   - data: the folder of Kiln's data.
    ///   - atOnce: how many tools run at a time; each may need some hundred MB.
    package init(
        keys: any SigningKeyStore, vault: SigningVault, tools: SigningTools, data: String, clock: any WallClock,
        atOnce: Int = max(2, ProcessInfo.processInfo.activeProcessorCount), logger: Logger
    ) {
        self.keys = keys
        self.vault = vault
        self.tools = tools
        self.clock = clock
        self.logger = logger
        factory = KeyFactory(tools: tools, data: data)
        turns = Turns(atOnce: atOnce)
    }

    /// Why nothing can be signed now, for the operator; `nil`: it can.
    package func trouble() async -> String? {
        let missing = tools.missing
        guard missing.isEmpty else {
            return "missing: \(missing.map(\.rawValue).joined(separator: ", "))"
        }
        do {
            try await prove()
            return nil
        } catch let fault as SealFault {
            return "\(fault)"
        } catch {
            return "the signing keys cannot be read: \(error)"
        }
    }

    /// Signs the package at `path`; `folder` is the build's own, and gets the signed one.
    /// - Returns: where it is.
    /// - Throws: `SigningFault`, `StorageError`, `CancellationError`.
    func sign(
        _ path: String, named file: String, by step: SignStep, of recipe: RecipeID, in folder: String, limit: Int64
    ) async throws -> String {
        do {
            let signed = try await turns.run(refused: { _ in CancellationError() as any Error }) {
                try await signNow(path, file, step, recipe, folder, limit)
            }
            troubleAt.withLockedValue { $0 = nil }
            return signed
        } catch {
            let reason: String
            switch error {
            case let fault as SealFault: reason = "\(fault)"
            case let fault as FileFault: reason = "\(fault)"
            case SigningFault.unavailable(let words): reason = words
            default: throw error
            }
            let now = clock.now()
            troubleAt.withLockedValue { $0 = now }
            throw SigningFault.unavailable(reason: reason)
        }
    }

    /// Whether builds that want a signature had better wait in the queue, where they hold no other recipe's place.
    func isHeldUp(at now: Timestamp) -> Bool {
        troubleAt.withLockedValue { trouble in trouble.map { now - $0 < Self.holdUp } ?? false }
    }

    private func signNow(
        _ path: String, _ file: String, _ step: SignStep, _ recipe: RecipeID, _ folder: String, _ limit: Int64
    ) async throws -> String {
        // The user of the sandbox has to read it; the folder keeps all others out.
        try await Blocking.run { () throws(FileFault) in try FileWork.letOthersRead(path) }
        let package = try await PackageLook(tools: tools).package(of: path, named: file)
        guard PackageLook.isAllowed(package, by: step.packages) else {
            logger.warning(
                "a run made a package that its recipe does not sign",
                metadata: ["recipe": "\(recipe)", "package": "\(package)", "packages": "\(step.packages)"])
            throw SigningFault.unsignable(FailureWords.foreignPackage(file, package, step.packages))
        }
        let key = try await key(for: package, of: recipe)
        let material = try await opened(key)
        let signed = try await factory.inFolder(material.password) { secrets in
            try await apksigner(path, file, material, secrets, folder, limit)
        }
        try await keys.noteUse(of: key, at: clock.now())
        return signed
    }

    private func apksigner(
        _ path: String, _ file: String, _ material: KeyMaterial, _ secrets: PrivateFolder, _ folder: String,
        _ limit: Int64
    ) async throws -> String {
        let out = "\(folder)/signed"
        try await Blocking.run { () throws(FileFault) in
            try secrets.write(material.store, as: "key.p12")
            try FolderWork.remove(out)
            try FolderWork.make(out)
        }
        let end: SigningTools.End
        do {
            end = try await tools.run(
                .apksigner,
                [
                    "sign", "--ks", "/kiln/key.p12", "--ks-type", "PKCS12", "--ks-key-alias", SigningTools.alias,
                    "--ks-pass", "stdin", "--v1-signing-enabled", "true", "--v2-signing-enabled", "true",
                    "--v3-signing-enabled", "true", "--v4-signing-enabled", "false", "--in", "/kiln/app.apk", "--out",
                    "/kiln/out/app.apk",
                ],
                reading: [KeyFactory.bind(secrets, "key.p12"), SandboxBind(path, at: "/kiln/app.apk")],
                writing: [SandboxBind(out, at: "/kiln/out")], input: "\(secrets.path)/password",
                // What a signature adds is small beside it.
                output: UInt64(limit) + (64 << 20))
        } catch let limit as SigningToolLimit {
            logger.warning("a package could not be signed", metadata: ["cause": "\(limit.cause)"])
            throw SigningFault.unsignable(FailureWords.brokenPackage(file, "signing it took too much time or memory"))
        }
        guard end.code == 0 else {
            // Its input was seen to be a package and its key to be whole: what it does not like is the package.
            logger.warning("a package could not be signed", metadata: ["words": "\(end.errors.prefix(500))"])
            throw SigningFault.unsignable(FailureWords.brokenPackage(file, "it cannot be signed"))
        }
        // A second name of what the run's user wrote is ours alone.
        let taken = "\(folder)/signed.apk"
        try await Blocking.run { () throws(FileFault) in
            try FolderWork.remove(taken)
            try FileWork.share("\(out)/app.apk", as: taken, limit: limit + (64 << 20))
            try FolderWork.remove(out)
        }
        return taken
    }

    // MARK: - Keys

    /// The package's key; made now if it has none. Of two builds that make one at once, both sign with the same.
    private func key(for package: String, of recipe: RecipeID) async throws -> SigningKey {
        if let known = try await keys.signingKey(for: package, of: recipe) { return known }
        try await prove()
        let made = try await factory.make(for: package)
        let key = try await sealed(made, for: package, of: recipe)
        let kept = try await keys.addSigningKey(key)
        if kept == key {
            logger.notice(
                "a signing key was made: back it up (`kiln keys export`, docs/signing.md)",
                metadata: ["recipe": "\(recipe)", "package": "\(package)", "fingerprint": "\(key.fingerprint)"])
        }
        return kept
    }

    /// A key as it is kept.
    package func sealed(
        _ made: KeyFactory.Made, for package: String, of recipe: RecipeID
    ) async throws -> SigningKey {
        let (vault, now) = (vault, clock.now())
        return try await Blocking.run { () throws(SealFault) in
            SigningKey(
                recipe: recipe, package: package, algorithm: made.algorithm, fingerprint: made.fingerprint,
                sealed: try vault.seal(
                    made.material, fingerprint: made.fingerprint, package: package, recipe: recipe), createdAt: now)
        }
    }

    /// What signs.
    package func opened(_ key: SigningKey) async throws -> KeyMaterial {
        let vault = vault
        return try await Blocking.run { () throws(SealFault) in try vault.open(key) }
    }

    /// Whether a key is sealed as new ones are.
    package func isCurrent(_ key: SigningKey) async throws -> Bool {
        let vault = vault
        return try await Blocking.run { () throws(SealFault) in try vault.isCurrent(key) }
    }

    /// A key sealed as new ones are.
    package func resealed(_ key: SigningKey) async throws -> [UInt8] {
        let vault = vault
        return try await Blocking.run { () throws(SealFault) in
            try vault.seal(
                try vault.open(key), fingerprint: key.fingerprint, package: key.package, recipe: key.recipe)
        }
    }

    /// Whether a text is a package's name as Android takes it.
    package static func isPackage(_ text: String) -> Bool { PackageLook.isName(text) }

    /// Whether a recipe that signs so signs this package.
    package static func isPackage(_ package: String, allowedBy step: SignStep) -> Bool {
        PackageLook.isAllowed(package, by: step.packages)
    }

    /// Proves that what is kept can be opened; a new key is never sealed with what may be a mistake.
    package func prove() async throws {
        let (vault, newest) = (vault, try await keys.newestSigningKey())
        try await Blocking.run { () throws(SealFault) in try vault.prove(newest) }
    }
}

import BuildRunner
import Domain
import Foundation
import Storage
import TestSupport
import Testing

/// What is kept of a key opens with the right secret, in its own row, and nowhere else.
@Suite struct SigningVaultTests {
    private static let recipe = RecipeID(unchecked: "sample")
    private static let package = "org.example.app"
    private static let fingerprint = String(repeating: "a", count: 64)
    private static let material = KeyMaterial(store: Array("the key's bytes".utf8), password: "correct horse")

    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func vault(_ passphrase: String?, old: String? = nil, file: String = "signing-key") -> SigningVault {
        SigningVault(
            SigningSecrets(passphrase: passphrase, oldPassphrase: old, keyFile: directory.path(file)))
    }

    private func key(_ vault: SigningVault) throws -> SigningKey {
        SigningKey(
            recipe: Self.recipe, package: Self.package, algorithm: "RSA 2048", fingerprint: Self.fingerprint,
            sealed: try vault.seal(
                Self.material, fingerprint: Self.fingerprint, package: Self.package, recipe: Self.recipe),
            createdAt: Timestamp(milliseconds: 0))
    }

    @Test(arguments: ["a passphrase", nil] as [String?])
    func `What was sealed opens again, in another process too, and shows nothing (P7)`(passphrase: String?) throws {
        let sealed = try key(vault(passphrase))
        #expect(try vault(passphrase).open(sealed) == Self.material)
        #expect(try vault(passphrase).isCurrent(sealed))
        let text = String(decoding: sealed.sealed, as: UTF8.self)
        #expect(!text.contains("horse") && !text.contains("bytes"))
        #expect(!"\(Self.material) \(String(reflecting: Self.material))".contains("horse"))
    }

    @Test func `A sealed key opens in no other row, and not after a change`() throws {
        let vault = vault("a passphrase")
        let key = try key(vault)
        var (other, third, fourth) = (key, key, key)
        other.package = "org.example.other"
        third.recipe = RecipeID(unchecked: "other")
        fourth.fingerprint = String(repeating: "b", count: 64)
        for moved in [other, third, fourth] {
            #expect(throws: SealFault.wrongSecret) { try vault.open(moved) }
        }
        for place in [2, 17, 18, 30, key.sealed.count - 1] {
            var changed = key
            changed.sealed[place] ^= 1
            #expect(throws: SealFault.wrongSecret) { try vault.open(changed) }
        }
        for cut in [0, 1, 18, 30] {
            var short = key
            short.sealed = Array(key.sealed.prefix(cut))
            #expect(throws: SealFault.unknownFormat) { try vault.open(short) }
        }
    }

    @Test func `Another passphrase opens nothing, and is not taken for new keys either`() throws {
        let key = try key(vault("a passphrase"))
        #expect(throws: SealFault.wrongSecret) { try vault("A passphrase").open(key) }
        #expect(throws: SealFault.wrongSecret) { try vault("A passphrase").prove(key) }
        #expect(throws: SealFault.missingSecret) { try vault(nil).open(key) }
        #expect(throws: SealFault.missingSecret) { try vault(nil).prove(key) }
        try vault(nil).prove(nil)
    }

    @Test func `What an old passphrase or the key file sealed opens, and is told apart`() throws {
        let byFile = try key(vault(nil))
        let byOld = try key(vault("old one"))
        let new = vault("new one", old: "old one")
        for key in [byFile, byOld] {
            #expect(try new.open(key) == Self.material)
            #expect(try !new.isCurrent(key))
        }
        let resealed = try key(new)
        #expect(try new.isCurrent(resealed))
        #expect(try vault("new one").open(resealed) == Self.material)
    }

    @Test func `The key file is made once, for its owner alone, and a damaged one is never replaced`() throws {
        let first = try key(vault(nil))
        let file = directory.path("signing-key")
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        #expect((attributes[.size] as? NSNumber)?.intValue == 32)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["signing-key"])
        _ = try key(vault(nil))
        #expect(try vault(nil).open(first) == Self.material)

        try Data("short".utf8).write(to: URL(filePath: file))
        #expect(throws: SealFault.unusableFile(path: file, reason: "it is damaged")) { try vault(nil).open(first) }
        #expect(throws: SealFault.unusableFile(path: file, reason: "it is damaged")) { try key(vault(nil)) }
        #expect(try Data(contentsOf: URL(filePath: file)) == Data("short".utf8))
    }

    @Test func `A passphrase can be any text`() throws {
        for text in [" ", "päss wörd", String(repeating: "x", count: 5000), "\u{1F511}"] {
            #expect(try vault(text).open(key(vault(text))) == Self.material)
        }
    }
}

import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import BuildRunner

/// Keys of other systems come in and go out again as they were.
// One after another: each starts several Java machines.
@Suite(
    .serialized, .enabled(if: AndroidTools.areThere, "Android's tools are not installed"), .timeLimit(.minutes(5)))
struct KeyFactoryTests {
    private let directory: TemporaryDirectory
    private let factory: KeyFactory

    init() throws {
        directory = try TemporaryDirectory()
        factory = KeyFactory(tools: SigningTools(settings: SandboxSettings()), data: directory.path)
    }

    @Test(arguments: [("PKCS12", "RSA", "RSA 2048"), ("JKS", "RSA", "RSA 2048"), ("PKCS12", "EC", "EC 256")])
    func `A key comes in under any name, and goes out with its certificate`(
        type: String, algorithm: String, words: String
    ) async throws {
        let store = try await AndroidTools.keyStore(
            ["upload"], password: "their-password", type: type, algorithm: algorithm)
        let made = try await factory.adopt(store, password: "their-password", alias: nil)
        #expect(made.algorithm.hasPrefix(words.split(separator: " ")[0]))
        let exported = try await factory.export(made.material, password: "my-password")
        let again = try await factory.adopt(exported, password: "my-password", alias: "kiln")
        #expect(again.fingerprint == made.fingerprint && made.fingerprint.count == 64)
        let mark = PrivateFolder.Place(data: directory.path).prefix
        #expect(try FileManager.default.contentsOfDirectory(atPath: "/dev/shm").allSatisfy { !$0.hasPrefix(mark) })
    }

    @Test func `A store that does not fit is refused by what is wrong with it (P8)`() async throws {
        let two = try await AndroidTools.keyStore(["a", "b"], password: "their-password")
        await #expect(throws: KeyFactory.Refusal.notOneKey(["a", "b"])) {
            try await factory.adopt(two, password: "their-password", alias: nil)
        }
        await #expect(throws: KeyFactory.Refusal.noSuchAlias("c", known: ["a", "b"])) {
            try await factory.adopt(two, password: "their-password", alias: "c")
        }
        await #expect(throws: KeyFactory.Refusal.wrongPassword) {
            try await factory.adopt(two, password: "her-password", alias: "a")
        }
        await #expect(throws: KeyFactory.Refusal.noKeyStore) {
            try await factory.adopt(Array("no store".utf8), password: "their-password", alias: nil)
        }
        #expect(try await factory.adopt(two, password: "their-password", alias: "b").fingerprint.count == 64)
    }

    @Test func `What a crash left in memory goes at the next start`() async throws {
        let prefix = PrivateFolder.Place(data: directory.path).prefix
        let left = "/dev/shm/\(prefix)left"
        try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
        try Data("secret".utf8).write(to: URL(filePath: "\(left)/password"))
        await factory.sweep()
        #expect(!FileManager.default.fileExists(atPath: left))
    }
}

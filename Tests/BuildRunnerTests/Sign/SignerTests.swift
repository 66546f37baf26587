import Crypto
import Domain
import Foundation
import Storage
import TestSupport
import Testing

@testable import BuildRunner

/// Products are signed between the run and the store, by Android's real tools, with a key that nobody else sees.
// One after another: each starts several Java machines.
@Suite(
    .serialized, .enabled(if: AndroidTools.areThere, "Android's tools are not installed"), .timeLimit(.minutes(5)))
struct SignerTests {
    @Test func `A package is signed in all schemes, the same each time, and only the signed one is kept (P9)`()
        async throws
    {
        let app = try await AndroidTools.package("org.example.app")
        let fixture = try await SigningFixture(app)
        let first = try await fixture.build()
        #expect(first.state == .succeeded)
        let signed = try await fixture.signed(first)
        let words = try await AndroidTools.verify(signed)
        for scheme in [
            "v1 scheme (JAR signing)", "v2 scheme (APK Signature Scheme v2)", "v3 scheme (APK Signature Scheme v3)",
        ] {
            #expect(words.contains("Verified using \(scheme): true"))
        }
        let key = try #require(try await fixture.keys().first)
        #expect(words.contains("certificate SHA-256 digest: \(key.fingerprint)"))
        #expect(key.package == "org.example.app" && key.recipe == .sample && key.algorithm == "RSA 2048")
        #expect(key.lastUsedAt == fixture.kiln.clock.now())
        let artifact = try #require(first.artifacts.first)
        #expect(first.artifacts.count == 1 && artifact.name == "app.apk" && artifact.bytes == Int64(signed.count))
        #expect(artifact.sha256 == SHA256.hash(data: signed).map { String(format: "%02x", $0) }.joined())

        // An update has to be signed by the same key, and signing again after a crash must not give another file.
        let second = try await fixture.build()
        #expect(try await fixture.signed(second) == signed)
        #expect(try await fixture.keys().map(\.fingerprint) == [key.fingerprint])
        #expect(try fixture.leftInMemory().isEmpty)
    }

    @Test func `The key and its password are in no log, no folder of a run, no file and no product (P7)`() async throws
    {
        let fixture = try await SigningFixture(try await AndroidTools.package("org.example.app"))
        let build = try await fixture.build()
        let key = try #require(try await fixture.keys().first)
        let material = try await fixture.signer().opened(key)
        #expect(material.password.count == 64)
        // The encrypted private key inside of the store, and the password that opens it.
        let middle = material.store.count / 2
        let secrets = [Data(material.password.utf8), Data(material.store[middle..<(middle + 32)])]
        var seen = 0
        let walker = try #require(FileManager.default.enumerator(atPath: fixture.kiln.directory.path))
        while let name = walker.nextObject() as? String {
            guard let bytes = FileManager.default.contents(atPath: fixture.kiln.directory.path(name)) else { continue }
            seen += 1
            for secret in secrets { #expect(bytes.range(of: secret) == nil, "in \(name)") }
        }
        #expect(seen > 3)
        let log = try await fixture.kiln.log(build.id)
        #expect(log.contains("KILN_OUT=") && !log.lowercased().contains("pass"))
    }

    @Test func `Builds that are the first of their package at once sign with one key`() async throws {
        let fixture = try await SigningFixture(try await AndroidTools.package("org.example.app"))
        let kiln = fixture.kiln
        var ids: [BuildID] = []
        for _ in 0..<4 { ids.append(try await kiln.submit(name: "app")) }
        let waiting = ids
        let builds = try await kiln.working(try fixture.shop()) {
            var builds: [Build] = []
            for id in waiting { builds.append(try await kiln.ended(id)) }
            return builds
        }
        #expect(Set(builds.flatMap(\.artifacts).map(\.sha256)).count == 1)
        #expect(try await fixture.keys().count == 1)
    }

    @Test func `Each package has a key of its own (P4)`() async throws {
        let fixture = try await SigningFixture()
        for name in ["one", "two"] {
            try fixture.offer(try await AndroidTools.package("org.example.\(name)"), as: name)
            #expect(try await fixture.build(name: name).state == .succeeded)
        }
        let keys = try await fixture.keys()
        #expect(keys.map(\.package) == ["org.example.one", "org.example.two"])
        #expect(Set(keys.map(\.fingerprint)).count == 2)
    }

    @Test func `What cannot be signed ends the build in words, and makes no key (P8)`() async throws {
        let fixture = try await SigningFixture()
        let signed = try await SigningFixture(
            try await AndroidTools.package("org.other.app"), packages: "org.other.app")
        try fixture.offer(try await signed.signed(try await signed.build()), as: "signed")
        try fixture.offer(try await AndroidTools.package("org.other.app"), as: "foreign")
        try fixture.offer(try await AndroidTools.package("org.exampleevil.app"), as: "neighbour")
        try fixture.offer(Array("no app".utf8), as: "text")
        try fixture.offer(StoredZip.bytes([("a.txt", Array("a".utf8))]), as: "zip")
        try fixture.offer(try await AndroidTools.package("org.example.app").dropLast(30) + [], as: "cut")
        let expected = [
            "signed": "signed already", "foreign": "as `org.other.app`; this recipe signs only `org.example.*`",
            "neighbour": "as `org.exampleevil.app`", "text": "no usable Android app", "zip": "names no package",
            "cut": "no usable Android app",
        ]
        for (name, words) in expected {
            let build = try await fixture.build(name: name)
            #expect(build.failure?.kind == .build && build.failure?.message.contains(words) == true, "\(name)")
            #expect(build.runs.count == 1 && build.artifacts.isEmpty)
        }
        #expect(try await fixture.keys().isEmpty)
    }

    @Test func `With a wrong passphrase a build waits, and is signed when the right one is there (P2)`() async throws {
        let fixture = try await SigningFixture(try await AndroidTools.package("org.example.app"))
        let kiln = fixture.kiln
        let first = try await fixture.build()
        let wrong = fixture.signer(passphrase: "another one")
        #expect(await wrong.trouble()?.contains("another passphrase") == true)
        let id = try await kiln.submit(name: "app")
        try await kiln.working(try fixture.shop(wrong)) {
            try await kiln.build(id) { $0.state.name == .collecting }
            try await until { wrong.isHeldUp(at: kiln.clock.now()) }
        }
        // What comes after it waits in the queue, so that other recipes' builds have the places.
        let next = try await kiln.submit(name: "app")
        try await kiln.working(try fixture.shop(wrong)) {
            kiln.clock.advance(by: .seconds(31))
            // The first one has tried again.
            try await until { wrong.isHeldUp(at: kiln.clock.now() + .seconds(59)) }
        }
        let waits = try await kiln.store.build(next)
        #expect(waits?.state.name == .queued)
        let right = fixture.signer()
        #expect(await right.trouble() == nil)
        kiln.clock.advance(by: .seconds(31))
        let build = try await kiln.working(try fixture.shop(right)) { try await kiln.ended(id) }
        #expect(build.state == .succeeded && build.runs.count == 1)
        #expect(try await fixture.signed(build) == fixture.signed(first))
    }

    @Test func `Missing tools are the operator's matter, not the requester's`() async throws {
        let fixture = try await SigningFixture(try await AndroidTools.package("org.example.app"))
        let kiln = fixture.kiln
        let bare = fixture.signer(folders: [kiln.directory.path])
        #expect(await bare.trouble() == "missing: aapt, apksigner, keytool, java")
        let id = try await kiln.submit(name: "app")
        try await kiln.working(try fixture.shop(bare)) {
            try await kiln.build(id) { $0.state.name == .collecting }
            try await until { bare.isHeldUp(at: kiln.clock.now()) }
        }
        #expect(try await kiln.store.build(id)?.state.name == .collecting)
    }

    @Test func `A crash after signing changes nothing (P3)`() async throws {
        let fixture = try await SigningFixture(try await AndroidTools.package("org.example.app"))
        let kiln = fixture.kiln
        let id = try await kiln.submit(name: "app")
        let (reached, signal) = AsyncStream.makeStream(of: Void.self)
        let dying = try fixture.shop(
            faults: FaultPoints { seen in
                guard seen == .beforeCollected else { return }
                signal.finish()
                try? await Task.sleep(for: .seconds(3600))
            }, clock: ManualClock())
        try await kiln.working(dying) {
            for await _ in reached {}
            kiln.clock.advance(by: .seconds(60))
            try await kiln.working(try fixture.shop()) { _ = try await kiln.ended(id) }
        }
        let build = try #require(try await kiln.store.build(id))
        #expect(build.state == .succeeded && build.runs.count == 1)
        #expect(try await fixture.keys().count == 1)
        _ = try await AndroidTools.verify(try await fixture.signed(build))
    }

    @Test(arguments: [
        ("org.example.app", true), ("a.b", true), ("org.example.App_1", true), ("org", false), ("", false),
        ("org..app", false), ("org.1app", false), ("org.example.", false), ("org.exämple.app", false),
        ("org.example.app'", false), ("org." + String(repeating: "a", count: 220), false),
    ])
    func `A package's name is what Android takes for one`(name: String, isOne: Bool) {
        #expect(PackageLook.isName(name) == isOne)
    }
}

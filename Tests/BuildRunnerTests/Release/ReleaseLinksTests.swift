import Curl
import Domain
import Foundation
import TestSupport
import Testing

@testable import BuildRunner

@Suite(.enabled(if: ReleaseHost.program != nil, "nginx is not installed"), .timeLimit(.minutes(5)))
struct ReleaseLinksTests {
    private static let image = [
        ArtifactRule(match: "*.iso", contentType: "application/x-iso9660-image", maxBytes: 1 << 20)
    ]

    private let clock = ManualClock()

    private func links(_ allowed: [String] = ["127.0.0.0/8"]) -> ReleaseLinks {
        ReleaseLinks(
            transfers: HTTPTransfers(TransferSettings(userAgent: "Kiln-Test", allowedNetworks: allowed)), clock: clock)
    }

    /// What a first look at one link sees.
    private func look(_ link: String, _ rules: [ArtifactRule] = image) async -> ReleaseLook {
        var memory = ReleaseMemory()
        return await links().look([link], &memory, rules: rules)
    }

    private func file(_ look: ReleaseLook) throws -> ReleasedFile {
        guard case .there(let files) = look, let file = files.first else { throw Unexpected.look(look) }
        return file
    }

    private func fetch(
        _ file: ReleasedFile, to path: String, limit: Int64, by links: ReleaseLinks? = nil
    ) async -> ProviderAnswer<Bool> {
        await (links ?? self.links()).fetch(file, to: path, limit: limit).map { true }
    }

    private enum Unexpected: Error {
        case look(ReleaseLook)
    }

    // MARK: - There or not

    @Test func `P9 a file is there when it was moved to its link, and is fetched as it was announced`() async throws {
        let host = try await ReleaseHost()
        let link = host.url + "/files/v1/image.iso"
        let bytes = [UInt8](repeating: 7, count: 70_000)
        var memory = ReleaseMemory()
        #expect(await links().look([link], &memory, rules: Self.image) == .notYet)
        try host.publish("v1/image.iso", bytes)
        let found = try file(await links().look([link], &memory, rules: Self.image))
        #expect(found.name == "image.iso")
        #expect(found.bytes == 70_000)
        #expect(found.link == link)
        #expect(found.etag != nil)
        let folder = try TemporaryDirectory()
        #expect(await fetch(found, to: folder.path("x"), limit: 1 << 20) == .done(true))
        #expect(FileManager.default.contents(atPath: folder.path("x")) == Data(bytes))
    }

    @Test(arguments: ["moved", "elsewhere"])
    func `a link is followed to another path, host and port`(_ way: String) async throws {
        let host = try await ReleaseHost()
        let link = "\(host.url)/\(way)/image.iso"
        #expect(await look(link) == .notYet)
        try host.publish("image.iso", [1, 2, 3])
        let found = try file(await look(link))
        // Signed addresses expire: the recipe's link is what is fetched.
        #expect(found.link == link)
        #expect(found.bytes == 3)
        let folder = try TemporaryDirectory()
        #expect(await fetch(found, to: folder.path("x"), limit: 3) == .done(true))
    }

    @Test(arguments: [403, 405, 501])
    func `where HEAD is refused one byte is asked for, and HEAD never again`(_ status: Int) async throws {
        let host = try await ReleaseHost()
        try host.publish("image.iso", [UInt8](repeating: 1, count: 5000))
        let link = "\(host.url)/head-\(status)/image.iso"
        var memory = ReleaseMemory()
        for _ in 0..<2 {
            #expect(try file(await links().look([link], &memory, rules: Self.image)).bytes == 5000)
        }
        let seen = try await host.requests()
        #expect(seen.map(\.method) == ["HEAD", "GET", "GET"])
        #expect(seen.map(\.range) == ["", "bytes=0-0", "bytes=0-0"])
        #expect(seen.map(\.status) == [status, 206, 304])
        #expect(await look("\(host.url)/head-\(status)/missing.iso") == .notYet)
    }

    @Test func `a host that knows no ranges is not read to the end`() async throws {
        let host = try await ReleaseHost()
        try host.publish("image.iso", [UInt8](repeating: 1, count: 900_000))
        #expect(try file(await look(host.url + "/no-ranges/image.iso")).bytes == 900_000)
    }

    @Test func `a page in place of the file means not yet, unless a page is wanted`() async throws {
        let host = try await ReleaseHost()
        #expect(await look(host.url + "/soft/image.iso") == .notYet)
        #expect(await look(host.url + "/login") == .notYet)
        try host.publish("image.iso", [1])
        #expect(try file(await look(host.url + "/soft/image.iso")).bytes == 1)
        try host.publish("manual.html", Array("<p>Hello".utf8))
        let page = ArtifactRule(match: "*.html", contentType: "text/html", maxBytes: 100)
        #expect(try file(await look(host.url + "/files/manual.html", [page])).bytes == 8)
    }

    @Test func `an empty file is not there yet`() async throws {
        let host = try await ReleaseHost()
        try host.publish("image.iso", [])
        let link = host.url + "/files/image.iso"
        var memory = ReleaseMemory()
        #expect(await links().look([link], &memory, rules: Self.image) == .notYet)
        #expect(await look(host.url + "/no-ranges/image.iso") == .notYet)
        try host.publish("image.iso", [1, 2])
        #expect(try file(await links().look([link], &memory, rules: Self.image)).bytes == 2)
    }

    // MARK: - Not now, never

    @Test func `a host is left alone for as long as it asks`() async throws {
        let host = try await ReleaseHost()
        var memory = ReleaseMemory()
        let limited = await links().look(
            [host.url + "/limited", host.url + "/files/image.iso"], &memory, rules: Self.image)
        #expect(limited == .later(after: .seconds(120), reason: "the release's host answered 429"))
        let watch = ReleaseWatch(links: [])
        #expect(
            ReleaseLinks.pause(watch, elapsed: .seconds(60), expected: .seconds(60), memory: memory) == .seconds(120))
        // Nothing else was asked of it.
        #expect(try await host.requests().map(\.path) == ["/limited"])
        #expect(
            await look(host.url + "/busy") == .later(after: .seconds(3600), reason: "the release's host answered 503"))
    }

    @Test(arguments: [400, 401, 403, 408, 429, 500, 502, 503])
    func `other answers say nothing about the file`(_ status: Int) async throws {
        let host = try await ReleaseHost()
        #expect(
            await look("\(host.url)/status/\(status)")
                == .later(after: .seconds(15), reason: "the release's host answered \(status)"))
    }

    @Test func `a host that is down and redirects without end are looked at later`() async throws {
        let host = try await ReleaseHost()
        guard case .later = await look(host.url + "/loop") else { return #expect(Bool(false), "a loop") }
        guard case .later = await look("http://127.0.0.1:1/image.iso") else { return #expect(Bool(false), "down") }
    }

    @Test func `P5 addresses that are not public are refused, whoever led there`() async throws {
        let host = try await ReleaseHost()
        try host.publish("image.iso", [1])
        let inner = host.url + "/elsewhere/image.iso"
        var memory = ReleaseMemory()
        #expect(
            await links([]).look([inner], &memory, rules: Self.image) == .refused(FailureWords.forbiddenRelease))
        #expect(try await host.requests().isEmpty)
        let halfway = links(["127.0.0.1/32"])
        #expect(
            await halfway.look([inner], &memory, rules: Self.image) == .refused(FailureWords.forbiddenRelease))
        #expect(try await host.requests().map(\.path) == ["/elsewhere/image.iso"])
        #expect(await look(host.url + "/to-a-file") == .refused(FailureWords.forbiddenRelease))
        let folder = try TemporaryDirectory()
        let file = ReleasedFile(name: "image.iso", bytes: 1, link: inner)
        #expect(
            await fetch(file, to: folder.path("x"), limit: 10, by: halfway) == .refused(FailureWords.forbiddenRelease))
        #expect(!FileManager.default.fileExists(atPath: folder.path("x")))
    }

    @Test func `P8 a file that is too large or of another name is refused in clear words`() async throws {
        let host = try await ReleaseHost()
        try host.publish("image.iso", [UInt8](repeating: 0, count: (1 << 20) + 1))
        try host.publish("image.zip", [1])
        #expect(
            await look(host.url + "/files/image.iso")
                == .refused(FailureWords.tooLarge("image.iso", (1 << 20) + 1, limit: 1 << 20)))
        #expect(
            await look(host.url + "/files/image.zip") == .refused(FailureWords.unexpectedRelease("image.zip")))
    }

    // MARK: - Names and candidates

    @Test func `the name is the host's where the recipe can use it, else the link's`() async throws {
        let host = try await ReleaseHost()
        try host.publish("my image.iso", [1])
        #expect(try file(await look(host.url + "/named/my%20image.iso")).name == "Café.iso")
        #expect(try file(await look(host.url + "/misnamed/my%20image.iso")).name == "my image.iso")
    }

    @Test func `candidates are taken in their order, and one that is down does not stand before the next`() async throws
    {
        let host = try await ReleaseHost()
        let candidates = ["/status/503", "/files/a.iso", "/files/b.iso"].map { host.url + $0 }
        var memory = ReleaseMemory()
        try host.publish("b.iso", [1])
        #expect(try file(await links().look(candidates, &memory, rules: Self.image)).name == "b.iso")
        try host.publish("a.iso", [1])
        #expect(try file(await links().look(candidates, &memory, rules: Self.image)).name == "a.iso")
    }

    @Test func `each rule gets its file, and what was there before is asked for by its ETag`() async throws {
        let host = try await ReleaseHost()
        let rules = Self.image + [ArtifactRule(match: "*.txt", contentType: nil, maxBytes: 100)]
        let candidates = ["/files/image.iso", "/files/sums.txt"].map { host.url + $0 }
        var memory = ReleaseMemory()
        try host.publish("image.iso", [1, 2, 3])
        #expect(await links().look(candidates, &memory, rules: rules) == .notYet)
        try host.publish("sums.txt", [4])
        guard case .there(let files) = await links().look(candidates, &memory, rules: rules) else {
            return #expect(Bool(false), "not there")
        }
        #expect(files.map(\.name) == ["image.iso", "sums.txt"])
        #expect(files.map(\.bytes) == [3, 1])
        let seen = try await host.requests()
        #expect(seen.map(\.status) == [200, 404, 304, 200])
        #expect(seen[2].condition == files[0].etag)
        // What was replaced is seen as what it is now.
        try host.publish("image.iso", [1, 2, 3, 4])
        guard case .there(let renewed) = await links().look(candidates, &memory, rules: rules) else {
            return #expect(Bool(false), "not there")
        }
        #expect(renewed.map(\.bytes) == [4, 1])
    }

    // MARK: - Fetching

    @Test func `P9 what changed since it was found, or is gone, leaves no file`() async throws {
        let host = try await ReleaseHost()
        let folder = try TemporaryDirectory()
        try host.publish("image.iso", [1, 2, 3])
        let found = try file(await look(host.url + "/files/image.iso"))
        try host.publish("image.iso", [1, 2, 3, 4])
        guard case .refusedUntil = await fetch(found, to: folder.path("x"), limit: 100) else {
            return #expect(Bool(false), "fetched")
        }
        #expect(
            await fetch(found, to: folder.path("x"), limit: 3)
                == .refused(FailureWords.tooLarge("image.iso", 4, limit: 3)))
        try host.withdraw("image.iso")
        #expect(
            await fetch(found, to: folder.path("x"), limit: 100)
                == .refusedUntil(after: .seconds(15), reason: "the release's host answered 404"))
        #expect(
            await fetch(
                ReleasedFile(name: "x", bytes: 1, link: host.url + "/limited"), to: folder.path("x"), limit: 100)
                == .refusedUntil(after: .seconds(120), reason: "the release's host answered 429"))
        #expect(!FileManager.default.fileExists(atPath: folder.path("x")))
    }

    @Test func `a thousand builds are watched at once`() async throws {
        let host = try await ReleaseHost()
        let links = links()
        let looks = await withTaskGroup(of: ReleaseLook.self) { group in
            for number in 0..<1000 {
                group.addTask {
                    var memory = ReleaseMemory()
                    return await links.look(["\(host.url)/files/\(number).iso"], &memory, rules: Self.image)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(looks.count == 1000)
        #expect(looks.allSatisfy { $0 == .notYet })
    }
}

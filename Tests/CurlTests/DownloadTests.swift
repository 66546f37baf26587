import Curl
import Foundation
import TestSupport
import Testing

@Suite struct DownloadTests {
    let transfers = HTTPTransfers(TransferSettings(userAgent: "kiln-test"))
    let folder: TemporaryDirectory
    var path: String { folder.path("got") }

    init() throws {
        folder = try TemporaryDirectory()
    }

    private func failure(_ request: HTTPRequest, limit: Int64 = 1 << 20) async -> HTTPFailure.Kind? {
        do throws(HTTPFailure) {
            _ = try await transfers.download(request, to: path, limit: limit)
            return nil
        } catch {
            return error.kind
        }
    }

    private var isThere: Bool { FileManager.default.fileExists(atPath: path) }

    @Test func `a body goes to a new file, whole, and to nobody else's eyes`() async throws {
        let content = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let server = try await PlayerServer { request in
            request.path == "/a" ? .init(200, body: content) : .init(302, headers: ["Location": "/a"], body: [1, 2, 3])
        }
        let answer = try await transfers.download(HTTPRequest(.get, server.url), to: path, limit: 1_000_000)
        #expect(answer.status == 200)
        #expect(answer.body.isEmpty)
        #expect(try Data(contentsOf: URL(filePath: path)) == Data(content))
        let facts = try FileManager.default.attributesOfItem(atPath: path)
        #expect(facts[.posixPermissions] as? Int == 0o600)
    }

    @Test func `a body that is announced as too large is not waited for`() async throws {
        let server = try RawServer { peer, _ in
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
            peer.waitForEnd()
        }
        #expect(await failure(HTTPRequest(.get, server.url)) == .tooLarge)
        #expect(!isThere)
        await #expect(throws: HTTPFailure.tooLarge) { _ = try await transfers.send(HTTPRequest(.get, server.url)) }
        let head = try await transfers.send(HTTPRequest(.head, server.url))
        #expect(head.headers["content-length"] == "10000000000")
    }

    @Test func `an empty answer is an empty file`() async throws {
        let server = try await PlayerServer { _ in .init(200) }
        _ = try await transfers.download(HTTPRequest(.get, server.url), to: path, limit: 0)
        #expect(try Data(contentsOf: URL(filePath: path)).isEmpty)
    }

    @Test func `a file that is there, or a link, is left alone`() async throws {
        let server = try await PlayerServer { _ in .init(200, body: [1]) }
        try Data("mine".utf8).write(to: URL(filePath: path))
        #expect(await failure(HTTPRequest(.get, server.url)) == .file)
        #expect(try Data(contentsOf: URL(filePath: path)) == Data("mine".utf8))
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder.path("elsewhere"))
        #expect(await failure(HTTPRequest(.get, server.url)) == .file)
        #expect(!FileManager.default.fileExists(atPath: folder.path("elsewhere")))
    }

    @Test func `another answer's beginning is kept, its rest is not read, and there is no file`() async throws {
        let server = try RawServer { peer, _ in
            peer.write("HTTP/1.1 404 Not Found\r\n\r\n")
            while peer.write([UInt8](repeating: 0x78, count: 4096)) {}
        }
        let answer = try await transfers.download(HTTPRequest(.get, server.url), to: path, limit: 10)
        #expect(answer.status == 404)
        #expect(answer.body.count == 64 << 10)
        #expect(!isThere)
    }

    @Test func `what fails on the way leaves no file`() async throws {
        let server = try await PlayerServer { _ in .init(200, body: Array(repeating: 1, count: 100_000)) }
        #expect(await failure(HTTPRequest(.get, server.url), limit: 99_999) == .tooLarge)
        #expect(!isThere)
        server.plan(.cut)
        #expect(await failure(HTTPRequest(.get, server.url)) == .interrupted)
        #expect(!isThere)
    }

    @Test func `a download that is cancelled leaves no file when the call returns`() async throws {
        let (begun, note) = AsyncStream.makeStream(of: Void.self)
        let server = try RawServer { peer, _ in
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            note.yield()
            peer.waitForEnd()
        }
        let end = await withTaskGroup(of: HTTPFailure.Kind?.self) { group in
            group.addTask { await failure(HTTPRequest(.get, server.url)) }
            var seen = begun.makeAsyncIterator()
            _ = await seen.next()
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(end == .stopped)
        #expect(!isThere)
    }
}

import Curl
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite struct HTTPClientTests {
    let client = HTTPClient(userAgent: "kiln-test")

    private func get(
        _ url: String, limit: Int = 1 << 20, timeLimit: Duration = .seconds(20), stallLimit: Duration = .seconds(20)
    ) async throws -> (HTTPResponse, String) {
        let request = HTTPRequest(.get, url, timeLimit: timeLimit, stallLimit: stallLimit)
        let (response, body) = try await client.exchange(request, limit: limit)
        return (response, String(decoding: body, as: UTF8.self))
    }

    @Test func `a redirect is followed, and only the last answer counts`() async throws {
        let server = try AnsweringServer()
        let (response, body) = try await get(server.url("/moved"))
        #expect(response.status == 200)
        #expect(body == "hello")
        #expect(response.headers["x-twice"] == "a")
        #expect(response.headers["location"] == nil)
        #expect(try await get(server.url("/nowhere")).0.status == 404)
    }

    @Test func `a redirect leads to the web only, and not for ever`() async throws {
        let server = try AnsweringServer()
        await #expect(throws: HTTPFailure.self) { try await get(server.url("/to-file")) }
        await #expect(throws: HTTPFailure.self) { try await get(server.url("/loop")) }
    }

    @Test(arguments: ["file:///etc/passwd", "gopher://127.0.0.1/", "http://a b/", "http://a/\r\nX: y", ""])
    func `what is no web address is not asked`(url: String) async throws {
        await #expect(throws: HTTPFailure.badRequest("not a web address: \(url)")) { try await get(url) }
    }

    @Test func `a header with a line break is refused, not sent (P5)`() async throws {
        let request = HTTPRequest(.get, "http://127.0.0.1:1/", headers: [("X-A", "b\r\nX-Evil: c")])
        await #expect(throws: HTTPFailure.badRequest("a header with a control character")) {
            try await client.exchange(request)
        }
    }

    @Test func `a body over the limit ends the exchange (P6)`() async throws {
        let server = try AnsweringServer()
        await #expect(throws: HTTPFailure.stopped) { try await get(server.url("/large"), limit: 1000) }
        #expect(try await get(server.url("/large"), limit: 2_000_000).1.utf8.count == 2_000_000)
    }

    @Test func `an answer that is cut is an error, never a shorter body`() async throws {
        let server = try AnsweringServer()
        await #expect(throws: HTTPFailure.self) { try await get(server.url("/cut")) }
    }

    @Test func `a server that says nothing is given up`() async throws {
        let server = try AnsweringServer()
        await #expect(throws: HTTPFailure.timedOut) {
            try await get(server.url("/silent"), timeLimit: .seconds(1))
        }
    }

    @Test func `nobody there is told apart from somebody who broke off`() async throws {
        do {
            _ = try await get("http://127.0.0.1:1/")
            Issue.record("somebody answered")
        } catch HTTPFailure.unreachable {}
    }

    @Test func `a form streams its files and says its names`() async throws {
        let server = try AnsweringServer()
        let folder = try TemporaryDirectory()
        let content = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0) })
        try content.write(to: folder.url.appending(path: "a.bin"))
        let sent = NIOLockedValueBox<Int64>(0)
        let request = HTTPRequest(
            .post, server.url("/"),
            body: .form([
                .init(name: "name", content: .text("Zoë & \"co\"")),
                .init(name: "data", content: .file(path: folder.path("a.bin"), name: "a.bin")),
            ]))
        let (response, body) = try await client.exchange(request, limit: 1 << 20) { now, _ in
            sent.withLockedValue { $0 = max($0, now) }
        }
        #expect(response.status == 201)
        #expect(Data(body).range(of: content) != nil)
        #expect(Data(body).range(of: Data("Zoë & \"co\"".utf8)) != nil)
        #expect(Data(body).range(of: Data("name=\"data\"; filename=\"a.bin\"".utf8)) != nil)
        #expect(sent.withLockedValue { $0 } > 300_000)
    }

    @Test func `a file that is not there is said before anything is sent`() async throws {
        let request = HTTPRequest(
            .post, "http://127.0.0.1:1/", body: .form([.init(name: "a", content: .file(path: "/no/such", name: "a"))]))
        await #expect(throws: HTTPFailure.badRequest("the file /no/such cannot be read")) {
            try await client.exchange(request)
        }
    }
}

import Curl
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite struct HTTPTransfersTests {
    let transfers = HTTPTransfers(TransferSettings(userAgent: "kiln-test"))

    private func server() async throws -> PlayerServer {
        try await PlayerServer { request in
            switch request.path {
            case "/hello": .init(200, headers: ["X-Twice": " a "], body: Array("hello".utf8))
            case "/moved": .init(302, headers: ["Location": "/hello"], body: Array("not this".utf8))
            case "/to-file": .init(302, headers: ["Location": "file:///etc/passwd"])
            case "/loop": .init(302, headers: ["Location": "/loop"])
            case "/large": .init(200, body: Array(repeating: 0x78, count: 2_000_000))
            case "/echo": .init(200, headers: ["X-Method": request.method], body: request.body)
            case "/empty": .init(204)
            default: .init(404, body: Array("no such page".utf8))
            }
        }
    }

    @Test func `an answer has its status, its headers in lower case and its body`() async throws {
        let server = try await server()
        let answer = try await transfers.send(HTTPRequest(.get, server.url + "/hello"))
        #expect(answer.status == 200)
        #expect(answer.headers["x-twice"] == "a")
        #expect(answer.body == Array("hello".utf8))
        #expect(answer.url == server.url + "/hello")
        #expect(try await transfers.send(HTTPRequest(.get, server.url + "/nowhere")).status == 404)
        #expect(server.requests.first?.headers["user-agent"] == "kiln-test")
    }

    @Test func `HEAD asks for the head alone`() async throws {
        let server = try await server()
        let answer = try await transfers.send(HTTPRequest(.head, server.url + "/large"), bodyLimit: 0)
        #expect(answer.status == 200)
        #expect(answer.headers["content-length"] == "2000000")
        #expect(answer.body.isEmpty)
        #expect(server.requests.map(\.method) == ["HEAD"])
    }

    @Test func `a redirect is followed, and only the last answer counts`() async throws {
        let server = try await server()
        let answer = try await transfers.send(HTTPRequest(.get, server.url + "/moved"))
        #expect(answer.status == 200)
        #expect(answer.body == Array("hello".utf8))
        #expect(answer.headers["location"] == nil)
        #expect(answer.url == server.url + "/hello")
        let first = try await transfers.send(HTTPRequest(.get, server.url + "/moved", redirects: .none))
        #expect(first.status == 302)
        #expect(first.body == Array("not this".utf8))
    }

    @Test func `a redirect leads to the web only, and not for ever`() async throws {
        let server = try await server()
        await #expect(throws: HTTPFailure.forbiddenAddress("a redirect to what is no web address")) {
            try await transfers.send(HTTPRequest(.get, server.url + "/to-file"))
        }
        await #expect(throws: HTTPFailure.interrupted("more than 3 redirects")) {
            try await transfers.send(HTTPRequest(.get, server.url + "/loop", redirects: .follow(most: 3)))
        }
        #expect(server.requests.count == 5)
    }

    @Test(arguments: [HTTPRequest.Method.post, .put, .patch, .delete])
    func `a body goes with every method that has one, and a redirect is its answer`(
        method: HTTPRequest.Method
    ) async throws {
        let server = try await server()
        let body = HTTPRequest.Body.bytes(Array("{}".utf8), contentType: "application/json")
        let answer = try await transfers.send(HTTPRequest(method, server.url + "/echo", body: body))
        #expect(answer.headers["x-method"] == method.rawValue)
        #expect(answer.body == Array("{}".utf8))
        #expect(server.requests[0].headers["content-type"] == "application/json")
        #expect(try await transfers.send(HTTPRequest(method, server.url + "/moved", body: body)).status == 302)
        let bare = try await transfers.send(HTTPRequest(method, server.url + "/echo"))
        #expect(bare.headers["x-method"] == method.rawValue)
        #expect(server.requests[2].headers["content-type"] == nil)
        #expect(server.requests[2].headers["content-length"] == (method == .delete ? nil : "0"))
    }

    @Test func `a body over the limit ends the exchange (P6)`() async throws {
        let server = try await server()
        let request = HTTPRequest(.get, server.url + "/large")
        await #expect(throws: HTTPFailure.tooLarge) { try await transfers.send(request, bodyLimit: 1_999_999) }
        #expect(try await transfers.send(request, bodyLimit: 2_000_000).body.count == 2_000_000)
    }

    @Test func `nobody there is told apart from somebody who broke off`() async throws {
        #expect(await transfers.fault(HTTPRequest(.get, "http://127.0.0.1:1/"))?.kind == .unreachable)
        let server = try await server()
        server.plan(.answerLost)
        #expect(await transfers.fault(HTTPRequest(.get, server.url + "/hello"))?.kind == .interrupted)
    }

    @Test func `a POST is never sent twice, even where a used connection breaks (P3)`() async throws {
        let server = try await server()
        _ = try await transfers.send(HTTPRequest(.get, server.url + "/hello"))
        server.plan(.answerLost)
        let post = HTTPRequest(.post, server.url + "/echo", body: .bytes([1], contentType: "text/plain"))
        #expect(await transfers.fault(post)?.kind == .interrupted)
        #expect(server.requests.filter { $0.method == "POST" }.count == 1)
    }

    @Test func `a form streams its files and says its names`() async throws {
        let server = try await server()
        let folder = try TemporaryDirectory()
        let content = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0) })
        try content.write(to: folder.url.appending(path: "a.bin"))
        let sent = NIOLockedValueBox<Int64>(0)
        let request = HTTPRequest(
            .post, server.url + "/echo",
            body: .form([
                .init(name: "name", content: .text("Zoë & \"co\"")),
                .init(name: "da\r\nta", content: .file(path: folder.path("a.bin"), name: "a.bin")),
            ]))
        let answer = try await transfers.send(request) { now, _ in sent.withLockedValue { $0 = max($0, now) } }
        #expect(Data(answer.body).range(of: content) != nil)
        #expect(Data(answer.body).range(of: Data("Zoë & \"co\"".utf8)) != nil)
        #expect(Data(answer.body).range(of: Data("name=\"da%0D%0Ata\"; filename=\"a.bin\"".utf8)) != nil)
        #expect(sent.withLockedValue { $0 } > 300_000)
    }

    @Test(arguments: [HTTPRequest.Method.post, .put]) func `a file is sent from disk`(
        method: HTTPRequest.Method
    ) async throws {
        let server = try await server()
        let folder = try TemporaryDirectory()
        let content = (0..<900_000).map { UInt8(truncatingIfNeeded: $0 >> 8) }
        try Data(content).write(to: folder.url.appending(path: "a.bin"))
        let body = HTTPRequest.Body.file(path: folder.path("a.bin"), contentType: "application/gzip")
        let answer = try await transfers.send(HTTPRequest(method, server.url + "/echo", body: body))
        #expect(answer.headers["x-method"] == method.rawValue)
        #expect(answer.body == content)
        #expect(server.requests[0].headers["content-type"] == "application/gzip")
        #expect(server.requests[0].headers["content-length"] == "900000")
    }

    @Test func `a file that is not there is said before anything is sent`() async throws {
        let missing = HTTPFailure.badRequest("the file /no/such cannot be read")
        let url = "http://127.0.0.1:1/"
        await #expect(throws: missing) {
            try await transfers.send(
                HTTPRequest(.post, url, body: .form([.init(name: "a", content: .file(path: "/no/such", name: "a"))])))
        }
        await #expect(throws: missing) {
            try await transfers.send(HTTPRequest(.put, url, body: .file(path: "/no/such", contentType: "a/b")))
        }
    }

    @Test func `a sink gets the answer's bytes in their order, and may have enough`() async throws {
        let server = try await server()
        let got = NIOLockedValueBox<[UInt8]>([])
        let answer = try await transfers.stream(HTTPRequest(.get, server.url + "/moved")) { status, bytes in
            got.withLockedValue { $0 += [UInt8(status & 0xFF)] + bytes }
            return true
        }
        #expect(answer.status == 200)
        #expect(answer.body.isEmpty)
        #expect(got.withLockedValue { $0 } == [200] + Array("hello".utf8))
        await #expect(throws: HTTPFailure.stopped) {
            try await transfers.stream(HTTPRequest(.get, server.url + "/large")) { _, _ in false }
        }
    }
}

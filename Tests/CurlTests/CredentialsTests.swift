import Curl
import TestSupport
import Testing

/// Nothing that says who asks leaves for another than it was meant for (P7), and nothing gets in between the lines (P5).
@Suite struct CredentialsTests {
    static let headers = [
        ("Authorization", "Bearer secret"), ("Cookie", "session=secret"), ("PRIVATE-TOKEN", "secret"),
        ("Accept", "a/b"), ("If-None-Match", "\"x\""),
    ]

    let transfers = HTTPTransfers(TransferSettings(userAgent: "kiln-test"))

    @Test func `credentials stay with the origin that they are for, also on the way back`() async throws {
        let other = try await PlayerServer { request in
            .init(302, headers: ["Location": request.query["back"] ?? ""])
        }
        let server = try await PlayerServer { request in
            switch request.path {
            case "/away":
                .init(
                    302, headers: ["Location": "\(other.url)/?back=http://127.0.0.1:\(request.query["port"] ?? "")/end"]
                )
            case "/near": .init(302, headers: ["Location": "/end"])
            default: .init(200)
            }
        }
        _ = try await transfers.send(HTTPRequest(.get, server.url + "/near", headers: Self.headers))
        #expect(server.requests.allSatisfy { $0.headers["authorization"] == "Bearer secret" })
        #expect(server.requests.allSatisfy { $0.headers["private-token"] == "secret" })
        let answer = try await transfers.send(
            HTTPRequest(.get, server.url + "/away?port=\(server.port)", headers: Self.headers))
        #expect(answer.status == 200)
        for request in other.requests + server.requests.suffix(1) {
            for name in ["authorization", "cookie", "private-token"] { #expect(request.headers[name] == nil) }
            #expect(request.headers["accept"] == "a/b")
            #expect(request.headers["if-none-match"] == "\"x\"")
        }
        #expect(other.requests.count == 1)
        #expect(server.requests.count == 4)
    }

    @Test func `a redirect to an address with a password is not followed`() async throws {
        let server = try await PlayerServer { _ in .init(302, headers: ["Location": "http://user:word@127.0.0.1:1/"]) }
        #expect(await transfers.fault(HTTPRequest(.get, server.url))?.kind == .forbiddenAddress)
    }

    @Test func `an answer's cookies are not kept`() async throws {
        let server = try await PlayerServer { _ in .init(200, headers: ["Set-Cookie": "a=b; Path=/"]) }
        for _ in 0..<2 { _ = try await transfers.send(HTTPRequest(.get, server.url)) }
        #expect(server.requests.allSatisfy { $0.headers["cookie"] == nil })
    }

    @Test(arguments: [
        ("X-A", "b\r\nX-Evil: c"), ("X-A", "b\n"), ("X-A", "b\u{0}c"), ("X-A", "\u{1B}[0m"), ("X-A", "b\u{7F}"),
        ("X A", "b"), ("X-A:", "b"), ("", "b"), ("X-\u{E9}", "b"), ("X-A\r\n", "b"), ("X;A", "b"),
        ("Content-Length", "5"), ("transfer-encoding", "chunked"),
    ])
    func `a header that would be more than a header is refused`(name: String, value: String) async {
        let request = HTTPRequest(.get, "http://127.0.0.1:1/", headers: [(name, value)])
        #expect(await transfers.fault(request)?.kind == .badRequest)
    }

    @Test func `a header may be empty, and may have any other letters`() async throws {
        let server = try await PlayerServer { _ in .init(200) }
        let request = HTTPRequest(.get, server.url, headers: [("X-Empty", ""), ("X-Name", "Zo\u{EB}: a, b")])
        _ = try await transfers.send(request)
        #expect(server.requests[0].headers["x-empty"] == "")
        #expect(server.requests[0].headers["x-name"] == "Zo\u{EB}: a, b")
    }

    @Test func `what cannot be asked is not asked, and a URL's secrets are not repeated`() async {
        for url in ["http://a/?token=secret\r\n", "http://user:secret@a/", "file:///etc/passwd"] {
            #expect(await transfers.fault(HTTPRequest(.get, url)) == .badRequest("not a web address"))
        }
        let body = HTTPRequest.Body.bytes([1], contentType: "a/b\r\nX: y")
        #expect(await transfers.fault(HTTPRequest(.post, "http://a/", body: body))?.kind == .badRequest)
        let late = HTTPRequest.Body.bytes([1], contentType: "a/b")
        #expect(await transfers.fault(HTTPRequest(.get, "http://a/", body: late))?.kind == .badRequest)
    }
}

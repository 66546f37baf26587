import Curl
import TestSupport
import Testing

@Suite struct GuardedTransfersTests {
    private func transfers(_ networks: String...) -> HTTPTransfers {
        HTTPTransfers(TransferSettings(userAgent: "kiln-test", allowedNetworks: networks))
    }

    private func guarded(_ url: String) -> HTTPRequest {
        HTTPRequest(.get, url, timeLimit: .seconds(60), reach: .guarded)
    }

    @Test(arguments: [
        "127.0.0.1", "localhost", "LOCALHOST", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "127.1", "0",
        "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "10.0.0.1", "169.254.169.254", "[fe80::1]",
        "[64:ff9b::7f00:1]", "[2002:7f00:1::1]", "%31%32%37.0.0.1",
    ])
    func `what leads inside is refused before a connection is made, however it is spelled`(host: String) async throws {
        let server = try RawServer { _, _ in }
        let failure = await transfers().fault(guarded("http://\(host):\(server.port)/"))
        #expect(failure?.kind == .forbiddenAddress, "\(failure as Any)")
        #expect(server.connections == 0)
    }

    @Test func `the address is named, and a network that the operator lists is allowed`() async throws {
        let server = try await PlayerServer { _ in .init(200) }
        #expect(await transfers().fault(guarded(server.url)) == .forbiddenAddress("127.0.0.1"))
        #expect(try await transfers("127.0.0.0/8").send(guarded(server.url)).status == 200)
        #expect(await transfers("127.0.0.0/99", "nonsense").fault(guarded(server.url))?.kind == .forbiddenAddress)
    }

    @Test func `every redirect is looked at`() async throws {
        let server = try await PlayerServer { request in
            switch request.path {
            case "/metadata": .init(302, headers: ["Location": "http://169.254.169.254/latest/"])
            case "/short": .init(307, headers: ["Location": "//10.0.0.1/"])
            default: .init(302, headers: ["Location": "/metadata"])
            }
        }
        let transfers = transfers("127.0.0.1/32")
        #expect(await transfers.fault(guarded(server.url + "/metadata")) == .forbiddenAddress("169.254.169.254"))
        #expect(await transfers.fault(guarded(server.url + "/twice")) == .forbiddenAddress("169.254.169.254"))
        #expect(await transfers.fault(guarded(server.url + "/short")) == .forbiddenAddress("10.0.0.1"))
        #expect(server.requests.count == 4)
    }

    @Test func `a connection that somebody else opened is not used again by a guarded request`() async throws {
        let server = try RawServer { peer, _ in peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") }
        let strict = transfers()
        #expect(try await strict.send(HTTPRequest(.get, server.url)).status == 200)
        #expect(await strict.fault(guarded(server.url))?.kind == .forbiddenAddress)
        #expect(server.heads.count == 1)
        let lenient = transfers("127.0.0.1")
        for _ in 0..<3 {
            #expect(try await lenient.send(HTTPRequest(.get, server.url)).status == 200)
            #expect(try await lenient.send(guarded(server.url)).status == 200)
        }
        // One connection of the first, and of the second one for each kind.
        #expect(server.connections == 3)
    }

    @Test func `a guarded request does not hide behind the proxy, others go through it`() async throws {
        let proxy = try RawServer { peer, _ in peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") }
        let transfers = HTTPTransfers(TransferSettings(userAgent: "kiln-test", proxy: proxy.url))
        #expect(await transfers.fault(guarded("http://127.0.0.1:1/"))?.kind == .forbiddenAddress)
        #expect(proxy.connections == 0)
        #expect(try await transfers.send(HTTPRequest(.get, "http://kiln.invalid/a")).status == 200)
        #expect(proxy.heads.first?.hasPrefix("GET http://kiln.invalid/a HTTP/1.1\r\n") == true)
    }
}

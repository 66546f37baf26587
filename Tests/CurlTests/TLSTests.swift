import Curl
import Testing

@Suite struct TLSTests {
    private func transfers(trusting file: String?) -> HTTPTransfers {
        HTTPTransfers(TransferSettings(userAgent: "kiln-test", caFile: file))
    }

    @Test func `a certificate of the configured authority is good, of an unknown one it is refused`() async throws {
        let authority = try await TestAuthority()
        let server = try await authority.server(name: "IP:127.0.0.1")
        let request = HTTPRequest(.get, "https://127.0.0.1:\(server.port)/")
        #expect(try await transfers(trusting: authority.file).send(request).body == Array("hello".utf8))
        #expect(await transfers(trusting: nil).fault(request)?.kind == .unreachable)
        #expect(try await transfers(trusting: TestAuthority().file).fault(request)?.kind == .unreachable)
        #expect(await transfers(trusting: "/no/such/file").fault(request)?.kind == .unreachable)
    }

    @Test func `a certificate for another name, or that has expired, is refused`() async throws {
        let authority = try await TestAuthority()
        let transfers = transfers(trusting: authority.file)
        let other = try await authority.server(name: "DNS:other.example")
        let expired = try await authority.server(name: "IP:127.0.0.1", days: -1)
        for server in [other, expired] {
            let failure = await transfers.fault(HTTPRequest(.get, "https://127.0.0.1:\(server.port)/"))
            #expect(failure?.kind == .unreachable)
        }
    }
}

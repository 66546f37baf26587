import Crypto
import Domain
import Foundation
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct `Browser safety` {
    @Test(arguments: ["/", "/livez", "/nothing", "/builds/00000000000000000000000000", "/health-check"])
    func `P5: every answer carries the headers that keep scripts and other sites out`(path: String) async throws {
        try await LiveServer.with { server in
            let answer = try await server.client.get(path)
            let policy = try #require(answer["Content-Security-Policy"])
            #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
            #expect(!policy.contains("unsafe"))
            #expect(answer["X-Content-Type-Options"] == "nosniff")
            #expect(answer["Referrer-Policy"] == "no-referrer")
            #expect(answer["Cross-Origin-Opener-Policy"] == "same-origin")
            #expect(answer["Cross-Origin-Resource-Policy"] == "same-origin")
            #expect(answer["Strict-Transport-Security"] == nil)
        }
    }

    @Test func `over https the cookie is secure and the browser is told to stay`() async throws {
        var options = LiveServer.Options()
        options.publicURL = "https://kiln.example/"
        try await LiveServer.with(options) { server in
            let form = TestClient.form(`Submissions`.ada)
            let answer = try await server.client.post(
                "/recipes/sample/builds", ["Content-Type": form.type], body: form.body)
            #expect(answer["Set-Cookie"]?.hasSuffix("; Secure") == true)
            #expect(answer["Strict-Transport-Security"] == "max-age=31536000")
        }
    }

    @Test(arguments: [
        (["Sec-Fetch-Site": "cross-site"], 403), (["Sec-Fetch-Site": "same-site"], 403),
        (["Sec-Fetch-Site": "same-origin"], 303), (["Sec-Fetch-Site": "none"], 303),
        (["Origin": "https://evil.example"], 403), (["Origin": "null"], 403),
        (["Origin": "http://kiln.example"], 303), ([:], 303),
        (["Sec-Fetch-Site": "cross-site", "Origin": "http://kiln.example"], 403),
    ])
    func `a post from another site's page is refused`(headers: [String: String], status: Int) async throws {
        try await LiveServer.with { server in
            let form = TestClient.form(`Submissions`.ada)
            let connection = try RawConnection(port: server.port)
            var head = "POST /recipes/sample/builds HTTP/1.1\r\nHost: kiln.example\r\nConnection: close\r\n"
            head += "Content-Type: \(form.type)\r\nContent-Length: \(form.body.count)\r\n"
            for (name, value) in headers { head += "\(name): \(value)\r\n" }
            try await connection.send(Array((head + "\r\n").utf8) + form.body)
            let answer = try TestClient.Answer(parsing: try await connection.receiveAll())
            #expect(answer.status == status)
        }
    }

    @Test func `P7: no log line holds a build's id, a capability or a query`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            _ = try await server.client.get("/builds/\(build.id)?token=hush")
            _ = try await server.client.get("/uploads/capability-text/x")
            _ = try await server.client.get("/now?build=\(build.id)", ["Cookie": "kiln_builds=\(build.id)"])
            let log = server.log.lines.joined(separator: "\n")
            #expect(!log.contains(build.id.text) && !log.contains("hush") && !log.contains("capability-text"))
            #expect(log.contains("route=/builds/{id}") && log.contains("build=\(build.id.text.prefix(10))"))
        }
    }
}

@Suite struct `Client addresses` {
    @Test(arguments: [
        ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"), ("198.51.100.1", ["203.0.113.9"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6, 203.0.113.9, 10.0.0.2"], "203.0.113.9"), ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["evil\" x"], "10.0.0.1"), ("10.0.0.1", ["6.6.6.6", "2001:db8::1"], "2001:db8::1"),
    ])
    func `only trusted proxies are believed`(peer: String, forwarded: [String], client: String) {
        let found = ClientAddress.of(peer: peer, forwardedFor: forwarded) { $0.hasPrefix("10.") }
        #expect(found == client)
    }

    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("::FFFF:c000:207", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
        ("2001:DB8:1:3::1", "2001:db8:1:3::"), ("2001:db8::1", "2001:db8:0:0::"), ("::1", "0:0:0:0::"),
        ("fe80::1%eth0", "fe80::1%eth0"), ("unknown", "unknown"),
    ])
    func `a customer with a /64 of addresses is one source (P6)`(client: String, source: String) {
        #expect(ClientAddress.source(of: client) == source)
    }
}

@Suite struct `Capabilities` {
    private static let upload = UploadID(unchecked: "01hzzzzzzzzzzzzzzzzzzzzzzz")
    private static let now = Timestamp(milliseconds: 1_000_000)
    private static let capability = Capability.upload(upload, until: now + .seconds(10))

    @Test func `a capability leads to its upload until its end`() {
        let signer = CapabilitySigner(key: SymmetricKey(size: .bits256))
        let token = signer.sign(Self.capability)
        #expect(signer.capability(of: token, at: Self.now) == Self.capability)
        #expect(signer.capability(of: token, at: Self.now + .seconds(10)) == nil)
        #expect(token.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
    }

    @Test func `no changed token and no other key opens anything`() {
        let signer = CapabilitySigner(key: SymmetricKey(size: .bits256))
        let token = signer.sign(Self.capability)
        for place in token.indices.dropLast() {
            var forged = token
            forged.replaceSubrange(place...place, with: token[place] == "A" ? "B" : "A")
            #expect(signer.capability(of: forged, at: Self.now) == nil)
        }
        #expect(CapabilitySigner(key: SymmetricKey(size: .bits256)).capability(of: token, at: Self.now) == nil)
        #expect(signer.capability(of: "", at: Self.now) == nil)
        #expect(signer.capability(of: token + "=", at: Self.now) == nil)
    }

    @Test func `the key is made once, for its owner only`() throws {
        let folder = try TemporaryDirectory()
        let path = folder.path("key")
        let first = try CapabilitySigner(keyFile: path)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let token = first.sign(Self.capability)
        #expect(try CapabilitySigner(keyFile: path).capability(of: token, at: Self.now) == Self.capability)
        try Data("short".utf8).write(to: URL(filePath: path))
        #expect(throws: CapabilityKeyError.damaged(path: path)) { try CapabilitySigner(keyFile: path) }
    }
}

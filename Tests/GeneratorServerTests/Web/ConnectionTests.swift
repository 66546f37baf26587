import NIOCore
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

/// What a connection may do, seen from the other end of the wire.
@Suite struct `Connections` {
    /// Limits that a test can wait for.
    static var quick: LiveServer.Options {
        var options = LiveServer.Options()
        options.connections = ConnectionLimits(
            headTime: .milliseconds(300), idleTime: .milliseconds(300), bodyTime: .seconds(5),
            rateSpan: .milliseconds(300), minBytesPerSecond: 1024, writeTime: .milliseconds(300),
            lingerTime: .milliseconds(200), maxHeadBytes: 64 * 1024, tick: .milliseconds(50))
        return options
    }

    @Test(arguments: [
        "GET /livez HTTP/1.1\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 90 * 1024) + "\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n",
        "nonsense\r\n\r\n",
    ])
    func `a request that is none gets 400 and the connection ends`(request: String) async throws {
        try await LiveServer.with { server in
            let connection = try RawConnection(port: server.port)
            try await connection.send(request)
            let answer = try TestClient.Answer(parsing: try await connection.receiveAll())
            #expect(answer.status == 400)
            #expect(answer["Connection"] == "close")
        }
    }

    @Test func `P6: one address cannot take all connections, and has its places back when it lets go`() async throws {
        var options = LiveServer.Options()
        options.maxConnections = 64
        options.limitsOwnAddress = true
        try await LiveServer.with(options) { server in
            var held: [RawConnection] = []
            for _ in 0..<16 {
                let connection = try RawConnection(port: server.port)
                try await connection.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await connection.receive { $0.hasSuffix("alive\n") }
                held.append(connection)
            }
            let refused = try RawConnection(port: server.port)
            #expect(try await refused.receiveAll().isEmpty)
            held.removeLast()
            // The server learns of it in its own time.
            var answer = ""
            for _ in 0..<5000 where answer.isEmpty {
                let again = try RawConnection(port: server.port)
                try? await again.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
                answer = (try? await again.receive { $0.hasSuffix("alive\n") }) ?? ""
            }
            #expect(answer.hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func `an IPv6 customer counts as one, an IPv4 address as itself`() {
        let network = ClientAddress.source(of:)
        #expect(network("2001:db8:1:2:3:4:5:6") == network("2001:db8:1:2::ff"))
        #expect(network("2001:db8:1:2::1") != network("2001:db8:1:3::1"))
        #expect(network("192.0.2.7") == network("::ffff:192.0.2.7"))
        #expect(network("192.0.2.7") != network("192.0.2.8"))
    }

    @Test func `requests follow each other on one connection, also sent at once`() async throws {
        try await LiveServer.with { server in
            let connection = try RawConnection(port: server.port)
            try await connection.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await connection.receive { $0.hasSuffix("alive\n") }
            let two =
                "HEAD /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            try await connection.send(two)
            let text = String(decoding: try await connection.receiveAll(), as: UTF8.self)
            #expect(text.ranges(of: "HTTP/1.1 200 OK").count == 2)
            #expect(!text.contains("alive"))
            #expect(text.hasSuffix("ready\n"))
        }
    }

    @Test(arguments: ["GET /livez HTTP/1.1\r\n\r\n", "nonsense\r\n\r\n"])
    func `a request that is none is answered after the requests before it`(request: String) async throws {
        try await LiveServer.with { server in
            let connection = try RawConnection(port: server.port)
            try await connection.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n" + request)
            let text = String(decoding: try await connection.receiveAll(), as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 200 OK"))
            #expect(text.contains("alive\nHTTP/1.1 400 Bad Request"))
            #expect(text.ranges(of: "HTTP/1.1").count == 2)
        }
    }

    @Test func `an HTTP/1.0 client gets its answer and the end`() async throws {
        try await LiveServer.with { server in
            let connection = try RawConnection(port: server.port)
            try await connection.send("GET /livez HTTP/1.0\r\n\r\n")
            let answer = try TestClient.Answer(parsing: try await connection.receiveAll())
            #expect(answer.status == 200)
            #expect(answer.text == "alive\n")
        }
    }

    @Test func `Expect 100-continue is answered before the body is sent`() async throws {
        try await LiveServer.with { server in
            let form = TestClient.form(`Submissions`.ada)
            let connection = try RawConnection(port: server.port)
            try await connection.send(
                "POST /recipes/sample/builds HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\n"
                    + "Content-Type: \(form.type)\r\nContent-Length: \(form.body.count)\r\n\r\n")
            let first = try await connection.receive { $0.hasSuffix("\r\n\r\n") }
            #expect(first == "HTTP/1.1 100 Continue\r\n\r\n")
            try await connection.send(form.body)
            #expect(try TestClient.Answer(parsing: try await connection.receiveAll()).status == 303)
        }
    }

    @Test func `Expect 100-continue is not answered when the body is not wanted`() async throws {
        try await LiveServer.with { server in
            let connection = try RawConnection(port: server.port)
            try await connection.send(
                "POST /recipes/nothing/builds HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                    + "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 10\r\n\r\n")
            let answer = try TestClient.Answer(parsing: try await connection.receiveAll())
            #expect(answer.status == 404)
            #expect(answer["Connection"] == "close")
        }
    }

    @Test func `another expectation is 417`() async throws {
        try await LiveServer.with { server in
            let answer = try await server.client.post("/recipes/sample/builds", ["Expect": "coffee"])
            #expect(answer.status == 417)
        }
    }

    @Test func `P6: 413 is said before the body is read, and the connection ends`() async throws {
        try await LiveServer.with { server in
            let connection = try RawConnection(port: server.port)
            try await connection.send(
                "POST /recipes/sample/builds HTTP/1.1\r\nHost: a\r\nContent-Length: 900000000\r\n"
                    + "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n")
            let answer = try TestClient.Answer(parsing: try await connection.receiveAll())
            #expect(answer.status == 413)
            #expect(answer["Connection"] == "close")
        }
    }

    @Test func `P6: an endless chunked body ends in 413`() async throws {
        try await LiveServer.with { server in
            let connection = try RawConnection(port: server.port)
            try await connection.send(
                "POST /recipes/sample/builds HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                    + "Content-Type: multipart/form-data; boundary=x\r\n\r\n")
            let start = Array("--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n".utf8)
            let chunk = Array("10000\r\n".utf8) + [UInt8](repeating: 0x61, count: 65536) + Array("\r\n".utf8)
            try await connection.send(Array("\(String(start.count, radix: 16))\r\n".utf8) + start + Array("\r\n".utf8))
            var sent = 0
            do {
                while sent < 100_000 {
                    try await connection.send(chunk)
                    sent += 1
                }
            } catch {}
            #expect(sent < 100_000)
        }
    }

    @Test(arguments: ["", "GET / HT", "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"])
    func `P6: a silent client is cut`(beginning: String) async throws {
        try await LiveServer.with(Self.quick) { server in
            let connection = try RawConnection(port: server.port)
            try await connection.send(beginning)
            // Ends, or the connection would give up waiting.
            _ = try await connection.receiveAll()
        }
    }

    @Test func `P6: a head that trickles in is cut with 408`() async throws {
        try await LiveServer.with(Self.quick) { server in
            let connection = try RawConnection(port: server.port)
            try await connection.send("GET / HTTP/1.1\r\nHost: a\r\n")
            let trickle = Task {
                for number in 0..<200 {
                    try await connection.send("X-\(number): x\r\n")
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            // Ends, or the connection would give up waiting.
            let received = try await connection.receiveAll()
            trickle.cancel()
            // What a client still sends can make its own system throw the answer away before it is read.
            guard !received.isEmpty else { return }
            #expect(try TestClient.Answer(parsing: received).status == 408)
        }
    }

    @Test func `P6: a body that trickles in is cut, also after a good start`() async throws {
        try await LiveServer.with(Self.quick) { server in
            let connection = try RawConnection(port: server.port)
            try await connection.send(
                "POST /recipes/sample/builds HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n"
                    + "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
                    + "Content-Disposition: form-data; name=\"name\"\r\n\r\n")
            try await connection.send([UInt8](repeating: 0x61, count: 2000))
            let answer = try TestClient.Answer(parsing: try await connection.receiveAll())
            #expect(answer.status == 408)
            #expect(try await server.store.counts() == [:])
        }
    }

    @Test func `P6: a client that does not read its answer is cut`() async throws {
        var options = Self.quick
        options.publicFiles = PublicFiles(files: [
            "big.txt": PublicFile(contentType: "text/plain", bytes: [UInt8](repeating: 0x61, count: 16 << 20))
        ])
        try await LiveServer.with(options) { server in
            let connection = try RawConnection(port: server.port, receiveBuffer: 65536)
            // The server closes on requests that it did not read, which resets the connection under our hands.
            var sent = 0
            do {
                while sent < 400 {
                    try await connection.send("GET /public/big.txt HTTP/1.1\r\nHost: a\r\n\r\n")
                    try await Task.sleep(for: .milliseconds(20))
                    sent += 1
                }
            } catch RawConnection.Failure.sendFailed {}
            #expect(sent < 400)
        }
    }

    @Test func `an upload cut short is no build and leaves no file`() async throws {
        try await LiveServer.with { server in
            let connection = try RawConnection(port: server.port)
            try await connection.send(
                "POST /recipes/sample/builds HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n"
                    + "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n")
            connection.finishSending()
            let answer = try TestClient.Answer(parsing: try await connection.receiveAll())
            #expect(answer.status == 400)
            #expect(try await server.store.counts() == [:])
        }
    }

    @Test func `at a stop an answer under way is finished and idle connections end`() async throws {
        try await LiveServer.with { server in
            let idle = try RawConnection(port: server.port)
            try await idle.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await idle.receive { $0.hasSuffix("alive\n") }
            await server.stop()
            #expect(try await idle.receiveAll().isEmpty)
        }
    }
}

import Foundation
import TestSupport
import Testing

/// P6: what is not HTTP, and clients that are slow or silent.
@Suite(.serialized) struct ProtocolTests {
    private static let good = Form([("email", "ada@example.org"), ("name", "Ada")])
    private static let path = "/recipes/quick/builds"

    private func raw(_ server: KilnServer, _ text: String) async throws -> Int {
        let connection = try RawConnection(port: server.port)
        try await connection.send(text)
        return try await Answer(parsing: connection.receiveAll()).status
    }

    @Test func `Expect: 100-continue is answered before the body`() async throws {
        try await KilnServer.running { server in
            let connection = try RawConnection(port: server.port)
            let bytes = Self.good.bytes
            try await connection.send(
                server.http.head(
                    "POST", Self.path,
                    [
                        "Content-Type": Self.good.contentType, "Content-Length": "\(bytes.count)",
                        "Expect": "100-continue", "Accept": "application/json",
                    ]))
            let first = try await connection.receive { $0.contains("\r\n\r\n") }
            #expect(first.hasPrefix("HTTP/1.1 100"), "\(first)")
            try await connection.send(bytes)
            #expect(try await Answer(parsing: connection.receiveAll()).status == 202)
        }
    }

    @Test func `requests that could be read in two ways get 400`() async throws {
        try await KilnServer.running { (server: KilnServer) async throws -> Void in
            let start = "POST \(Self.path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            #expect(try await raw(server, start + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello") == 400)
            #expect(
                try await raw(
                    server, start + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
                    == 400)
            let headers = (0..<900).map { "X-Filler-\($0): \(String(repeating: "x", count: 90))\r\n" }.joined()
            #expect(
                try await raw(server, "GET / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n") == 400, "90 KB of headers")
            let one = String(repeating: "y", count: 90_000)
            #expect(try await raw(server, "GET / HTTP/1.1\r\nHost: a\r\nX-Long: \(one)\r\n\r\n") == 400)
            #expect(try await server.http.get("/livez").status == 200)
        }
    }

    /// slowhttptest asks beside its attack whether the service still answers; its table says so second by second.
    @Test(arguments: ["headers", "body", "read"])
    func `two hundred slow clients do not keep others from being served`(_ attack: String) async throws {
        let settings = ["KILN_LIMITS_HEADER_TIME": "3s"]
        try await KilnServer.running(settings) { server in
            let address = "http://127.0.0.1:\(server.port)"
            let common = ["-c", "200", "-r", "200", "-p", "2", "-l", "7", "-g", "-o", "slow"]
            let kind =
                switch attack {
                case "headers": ["-H", "-i", "2", "-x", "24", "-t", "GET", "-u", address + "/"]
                case "body":
                    [
                        "-B", "-i", "2", "-x", "24", "-s", "8192", "-f", "multipart/form-data; boundary=b", "-u",
                        address + Self.path,
                    ]
                default: ["-X", "-n", "2", "-w", "512", "-y", "1024", "-z", "32", "-u", address + "/public/kiln.css"]
                }
            let command = (["slowhttptest"] + common + kind).map { "'\($0)'" }.joined(separator: " ")
            async let attacked = run("sh", "-c", "cd '\(server.folder.path)' && exec \(command) >/dev/null")
            // A client of our own is served all the while.
            var answers = 0
            for _ in 0..<5 {
                let answer = try await server.http.get("/livez", patience: 3)
                #expect(answer.status == 200)
                answers += 1
                try await Task.sleep(for: .milliseconds(500))
            }
            #expect(answers == 5)
            _ = try await attacked
            let table = try String(contentsOfFile: server.folder.path("slow.csv"), encoding: .utf8)
            let rows = table.split(separator: "\n").dropFirst().map { $0.split(separator: ",").map(String.init) }
            try #require(rows.count >= 3, "\(table)")
            #expect(rows.dropFirst().allSatisfy { $0.count >= 5 && $0[4] != "0" }, "always available:\n\(table)")
            if attack == "headers" {
                #expect(rows.contains { (Int($0[1]) ?? 0) > 0 }, "silent heads are cut:\n\(table)")
            }
        }
    }
}

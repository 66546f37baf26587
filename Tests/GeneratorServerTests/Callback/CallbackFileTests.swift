import Crypto
import Domain
import Foundation
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct `Callback files` {
    private static let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }

    private static func digest(_ bytes: [UInt8]) -> String {
        "sha-256=:\(Data(SHA256.hash(data: bytes)).base64EncodedString()):"
    }

    private static func put(
        _ server: LiveServer, _ job: Job, _ name: String, _ bytes: some Collection<UInt8>, range: String? = nil,
        digest: String? = nil
    ) async throws -> TestClient.Answer {
        let body = Array(bytes)
        let connection = try RawConnection(port: server.port)
        var head = "PUT \(job.file(name)) HTTP/1.1\r\nHost: a\r\nAuthorization: \(job.bearer)\r\nConnection: close\r\n"
        if let range { head += "Content-Range: \(range)\r\n" }
        if let digest { head += "Repr-Digest: \(digest)\r\n" }
        try await connection.send(Array((head + "Content-Length: \(body.count)\r\n\r\n").utf8) + body)
        return try TestClient.Answer(parsing: try await connection.receiveAll())
    }

    private static func head(_ server: LiveServer, _ job: Job, _ name: String) async throws -> TestClient.Answer {
        try await server.client.send("HEAD", job.file(name), ["Authorization": job.bearer])
    }

    @Test func `P9: a file comes whole, and its digest is of what was stored`() async throws {
        try await LiveServer.withRemote { server in
            let job = try await server.job()
            #expect(try await Self.head(server, job, "my é.iso").status == 404)
            let answer = try await Self.put(server, job, "my é.iso", Self.bytes, digest: Self.digest(Self.bytes))
            #expect(answer.status == 200 && answer["Upload-Complete"] == "?1")
            let json = try JSON(parsing: answer.body)
            #expect(json["bytes"] == 700_000 && json["complete"] == true)
            let stored = try await server.reportFiles.path(of: "my é.iso", of: job.attempt)
            let isSame = try [UInt8](Data(contentsOf: URL(filePath: stored))) == Self.bytes
            #expect(isSame)
            let head = try await Self.head(server, job, "my é.iso")
            #expect(head.status == 200 && head["Content-Length"] == "700000" && head["Upload-Offset"] == "700000")
            #expect(head["Repr-Digest"] == Self.digest(Self.bytes) && head.body.isEmpty)
            let report = try JSON(parsing: try await server.report(job, "{}").body)
            #expect(report["files"] == [["bytes": 700_000, "complete": true, "name": "my é.iso"]])
            // Sent again it is the same; another one does not take its place.
            #expect(try await Self.put(server, job, "my é.iso", Self.bytes).status == 200)
            let other = try await Self.put(server, job, "my é.iso", Self.bytes.reversed())
            #expect(other.status == 409)
            #expect(try JSON(parsing: other.body)["code"] == "different_file")
            #expect(try await Self.head(server, job, "my é.iso")["Repr-Digest"] == Self.digest(Self.bytes))
        }
    }

    @Test func `what arrived before a cut stays, and the rest follows it`() async throws {
        try await LiveServer.withRemote { server in
            let job = try await server.job()
            do {
                let connection = try RawConnection(port: server.port)
                try await connection.send(
                    "PUT \(job.file("a.iso")) HTTP/1.1\r\nHost: a\r\nAuthorization: \(job.bearer)\r\n"
                        + "Content-Length: 700000\r\n\r\n")
                try await connection.send(Array(Self.bytes.prefix(500_000)))
            }
            // The server learns of the cut in its own time.
            var offset = 0
            for _ in 0..<5000 where offset < 500_000 {
                offset = Int(try await Self.head(server, job, "a.iso")["Upload-Offset"] ?? "") ?? 0
                server.clock.advance(by: .seconds(1))
            }
            #expect(offset == 500_000)
            let gap = try await Self.put(server, job, "a.iso", [1, 2], range: "bytes 600000-600001/700000")
            #expect(gap.status == 409 && gap["Upload-Offset"] == "500000")
            let part = try await Self.put(
                server, job, "a.iso", Self.bytes[400_000..<600_000], range: "bytes 400000-599999/700000")
            #expect(part.status == 200 && part["Upload-Offset"] == "600000" && part["Upload-Complete"] == "?0")
            let rest = try await Self.put(
                server, job, "a.iso", Self.bytes[600_000...], range: "bytes 600000-699999/700000",
                digest: Self.digest(Self.bytes))
            #expect(rest.status == 200 && rest["Upload-Complete"] == "?1")
            #expect(try await Self.head(server, job, "a.iso")["Repr-Digest"] == Self.digest(Self.bytes))
        }
    }

    @Test func `bytes that are not what was meant are thrown away`() async throws {
        try await LiveServer.withRemote { server in
            let job = try await server.job()
            let wrong = try await Self.put(server, job, "a.iso", Self.bytes, digest: Self.digest([1]))
            #expect(wrong.status == 422)
            #expect(try JSON(parsing: wrong.body)["code"] == "wrong_digest")
            #expect(try await Self.head(server, job, "a.iso").status == 404)
            // The beginning of another file, then a shorter one: never a mixture of both.
            _ = try await Self.put(server, job, "b.iso", Self.bytes.prefix(1000), range: "bytes 0-999/2000")
            let mixed = try await Self.put(server, job, "b.iso", [7, 7, 7])
            #expect(mixed.status == 422)
            #expect(try await Self.put(server, job, "b.iso", [7, 7, 7]).status == 200)
        }
    }

    @Test func `only files that the recipe wants come in, and 413 is said before the body`() async throws {
        try await LiveServer.withRemote { server in
            let job = try await server.job()
            for name in ["a.exe", "..", ".iso", "-a.iso", "a\u{7}.iso", "a\u{202E}.iso", "notes10.txt"] {
                let answer = try await Self.put(server, job, name, [1])
                #expect(answer.status == 422 || answer.status == 404, "\(name)")
                #expect(!answer.text.contains("\"complete\":true"))
            }
            #expect(try await Self.put(server, job, "a/b.iso", [1]).status == 422)
            #expect(try await Self.put(server, job, "notes1.txt", [UInt8](repeating: 1, count: 100)).status == 200)
            #expect(try await Self.put(server, job, "notes2.txt", [1], range: "bytes 0-0/101").status == 413)
            #expect(try await Self.put(server, job, "a.iso", [1], range: "bytes 5-1/2").status == 400)
            #expect(try await Self.put(server, job, "a.iso", [], range: nil).status == 422)
            #expect(try await Self.put(server, job, "a.iso", [1], digest: "sha-256=nonsense").status == 400)
            let connection = try RawConnection(port: server.port)
            try await connection.send(
                "PUT \(job.file("a.iso")) HTTP/1.1\r\nHost: a\r\nAuthorization: \(job.bearer)\r\n"
                    + "Expect: 100-continue\r\nContent-Length: 1048577\r\nConnection: close\r\n\r\n")
            #expect(try await connection.receive { $0.contains("\r\n\r\n") }.hasPrefix("HTTP/1.1 413"))
            // Of a length that is not told before.
            let chunked = try RawConnection(port: server.port)
            try await chunked.send(
                "PUT \(job.file("notes3.txt")) HTTP/1.1\r\nHost: a\r\nAuthorization: \(job.bearer)\r\n"
                    + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n65\r\n"
                    + String(repeating: "x", count: 0x65) + "\r\n0\r\n\r\n")
            #expect(try await chunked.receive { $0.contains("\r\n\r\n") }.hasPrefix("HTTP/1.1 413"))
        }
    }

    @Test func `a file of an attempt that ends while it comes is not kept, P4`() async throws {
        try await LiveServer.withRemote { server in
            let job = try await server.job()
            let connection = try RawConnection(port: server.port)
            try await connection.send(
                "PUT \(job.file("a.iso")) HTTP/1.1\r\nHost: a\r\nAuthorization: \(job.bearer)\r\n"
                    + "Content-Length: 700000\r\nConnection: close\r\n\r\n")
            try await connection.send(Array(Self.bytes.prefix(500_000)))
            try await until { try await server.reportFiles.size(of: "a.iso", of: job.attempt) > 0 }
            try await server.apply(.cancelled, to: job.build.id)
            try await connection.send(Array(Self.bytes.suffix(200_000)))
            let answer = try TestClient.Answer(parsing: try await connection.receiveAll())
            #expect(answer.status == 404)
            #expect(try await server.reportFiles.size(of: "a.iso", of: job.attempt) == 0)
        }
    }

    @Test(arguments: ["PUT", "POST"])
    func `what comes after its attempt was cleaned up leaves nothing behind, P6`(_ method: String) async throws {
        try await LiveServer.withRemote { server in
            let job = try await server.job()
            let isFile = method == "PUT"
            let body = isFile ? "0123456789" : #"{"log": {"offset": 0, "text": "late"}}"#
            let range = isFile ? "Content-Range: bytes 0-9/100\r\n" : ""
            let connection = try RawConnection(port: server.port)
            try await connection.send(
                "\(method) \(isFile ? job.file("a.iso") : job.callback) HTTP/1.1\r\nHost: a\r\n"
                    + "Authorization: \(job.bearer)\r\n\(range)Expect: 100-continue\r\n"
                    + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n")
            _ = try await connection.receive { $0.contains("100 Continue") }
            try await server.apply(.cancelled, to: job.build.id)
            try await server.reportFiles.removeAll(of: job.attempt)
            try await connection.send(body)
            #expect(String(decoding: try await connection.receiveAll(), as: UTF8.self).contains("HTTP/1.1 404"))
            #expect(try await server.reportFiles.size(of: "a.iso", of: job.attempt) == 0)
            #expect(try await server.reportFiles.logSize(of: job.attempt) == 0)
        }
    }
}

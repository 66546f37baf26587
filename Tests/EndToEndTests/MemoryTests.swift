import Foundation
import TestSupport
import Testing

/// P6: memory does not grow with what comes in.
@Suite struct MemoryTests {
    @Test func `large uploads pass through in little memory, and are what was sent`() async throws {
        try await KilnServer.running { server in
            _ = try await server.told(server.submit(Form([("email", "ada@example.org"), ("name", "Warm")])))
            let before = try server.peakMemory()
            let ids = try await withThrowingTaskGroup(of: String.self) { group in
                for client in 0..<3 {
                    group.addTask { try await Self.send(megabytes: 32, to: server, "Ada \(client)") }
                }
                return try await group.reduce(into: [String]()) { $0.append($1) }
            }
            let grown = try server.peakMemory() - before
            #expect(grown < 48 << 20, "96 MiB came in, the peak grew by \(grown >> 20) MiB")
            for id in ids {
                let build = try await server.told(id)
                let text = String(decoding: try await server.download(#require(build.artifacts.first)), as: UTF8.self)
                #expect(text.contains("file data: \(sha256([UInt8](repeating: 0x61, count: 32 << 20)))"))
            }
        }
    }

    /// A form with a file of one repeated byte, never whole in this process either.
    private static func send(megabytes: Int, to server: KilnServer, _ name: String) async throws -> String {
        let form = Form([("email", "ada@example.org"), ("name", name)])
        let start =
            "--\(form.boundary)\r\nContent-Disposition: form-data; name=\"data\"; filename=\"d.txt\"\r\n\r\n"
        let end = Array("\r\n".utf8) + form.bytes
        let length = start.utf8.count + (megabytes << 20) + end.count
        let connection = try RawConnection(port: server.port, patience: 60)
        try await connection.send(
            server.http.head(
                "POST", "/recipes/quick/builds",
                ["Content-Type": form.contentType, "Content-Length": "\(length)", "Accept": "application/json"]))
        try await connection.send(start)
        let piece = [UInt8](repeating: 0x61, count: 1 << 20)
        for _ in 0..<megabytes { try await connection.send(piece) }
        try await connection.send(end)
        let answer = try await Answer(parsing: connection.receiveAll())
        try #require(answer.status == 202, "\(answer.text)")
        return try JSONDecoder().decode(RemoteBuild.self, from: Data(answer.body)).id
    }
}

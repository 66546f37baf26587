import Domain
import Foundation
import Glibc
import Testing

/// P1, P2, P3: whenever the server dies, every accepted build ends, with one run and one mail.
@Suite struct CrashTests {
    private static let form = Form([("email", "ada@example.org"), ("name", "Ada")])

    @Test(arguments: FaultPoint.allCases.filter { $0 != .afterFetchBeforeRecord })
    func `a build survives a crash at any point (P1, P2, P3)`(_ point: FaultPoint) async throws {
        try await KilnServer.running(fault: point.rawValue) { server in
            // At the first point the server dies before it answers; what it has accepted then is in its database.
            let answer = try? await server.http.post("/recipes/quick/builds", Self.form)
            #expect(try await server.gone() == 128 + SIGKILL, "it died at the point")
            let ids = try await server.rows("SELECT id FROM builds").map { $0[0] }
            try #require(ids.count == 1, "P1: the build is there")
            if let answer { #expect(answer.status == 202) }

            try await server.start()
            let build = try await server.told(ids[0])
            #expect(build.state == "succeeded", "\(build)")
            let artifact = try #require(build.artifacts.first)
            #expect(String(decoding: try await server.download(artifact), as: UTF8.self).contains("name: Ada"))
            try await server.expectOneRunAndOneMail(ids[0])
        }
    }

    @Test func `a failed build survives a crash between its end and its mail (P2)`() async throws {
        try await KilnServer.running(fault: FaultPoint.afterMailBeforeRecord.rawValue) { server in
            let id = try await server.submit(Form([("email", "ada@example.org"), ("name", "Ada"), ("mode", "fail")]))
            try await server.gone()
            try await server.start()
            let build = try await server.told(id)
            #expect(build.failure?.kind == "build")
            try await server.expectOneRunAndOneMail(id)
        }
    }

    @Test func `a stop leaves the run running, and the next start finds it (P3)`() async throws {
        try await KilnServer.running { server in
            let id = try await server.submit(Form([("email", "a@example.org"), ("name", "Ada"), ("seconds", "2")]))
            _ = try await until("it runs") { try await server.build(id).state == "running" ? true : nil }
            #expect(try await server.stop() == 0, "a graceful stop ends with 0")
            try await server.start()
            #expect(try await server.told(id).state == "succeeded")
            try await server.expectOneRunAndOneMail(id)
        }
    }

    @Test func `sixty builds survive kills at random (P1, P2, P3)`() async throws {
        try await KilnServer.running { try await Self.survive($0) }
    }

    private static func survive(_ server: KilnServer) async throws {
        let accepted = Ledger()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<6 {
                group.addTask {
                    for number in 0..<10 {
                        try await accepted.add(Self.submitStubbornly(to: server, "\(client)-\(number)"))
                    }
                }
            }
            group.addTask {
                // Kills come in the midst of everything: the pause between them is the only dice that are thrown.
                var kills = 0
                while await accepted.count < 60 || kills < 8 {
                    try await Task.sleep(for: .milliseconds(Int.random(in: 50...900)))
                    try await server.crash()
                    try await server.start()
                    kills += 1
                }
            }
            try await group.waitForAll()
        }
        let ids = await accepted.ids
        #expect(ids.count == 60)
        for id in ids {
            let build = try await server.told(id, within: .seconds(90))
            #expect(build.state == "succeeded", "\(build)")
            try await server.expectOneRunAndOneMail(id)
        }
        // What was accepted and could not be answered has ended as well.
        let all = try await server.rows("SELECT id FROM builds").map { $0[0] }
        #expect(Set(ids).isSubset(of: all))
        for id in all where !ids.contains(id) {
            _ = try await server.told(id)
            try await server.expectOneRunAndOneMail(id)
        }
    }

    /// As a client does that wants an answer: again and again with the same key, until it has one.
    private static func submitStubbornly(to server: KilnServer, _ name: String) async throws -> String {
        let form = Form([("email", "ada@example.org"), ("name", name), ("seconds", "\(Int.random(in: 0...1))")])
        let headers = ["Accept": "application/json", "Idempotency-Key": "build \(name)"]
        return try await until("build \(name) is accepted", within: .seconds(60)) {
            guard let answer = try? await server.http.post("/recipes/quick/builds", form, headers) else { return nil }
            guard answer.status == 202 else { return nil }
            return try JSONDecoder().decode(RemoteBuild.self, from: Data(answer.body)).id
        }
    }

    private actor Ledger {
        private(set) var ids: [String] = []
        var count: Int { ids.count }

        func add(_ id: String) { ids.append(id) }
    }
}

import Domain
import Foundation
import Glibc
import TestSupport
import Testing

/// P1, P2, P3, P6 with many or large builds at Buildbots of their own, one test after the other: a master is slow, and one
/// that is asked all the time does nothing else.
@Suite(.serialized, .enabled(if: BuildbotHost.tools != nil)) struct RemoteCrashTests {
    private static let settings = BuildbotHost.settings.merging([
        "KILN_PROVIDERS_TRIGGERS_PER_MINUTE": "1000", "KILN_PROVIDERS_AT_ONCE": "8",
    ]) { $1 }

    @Test func `fifty builds at Buildbot survive kills at random (P1, P2, P3)`() async throws {
        let buildbot = try await BuildbotHost(workers: 12)
        let recipe = TestRecipe.remote(at: buildbot.url, interval: "3s")
        try await KilnServer.running(recipes: [recipe], Self.settings) { server in
            let ids = Ledger()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 0..<50 { try await ids.add(Self.submitStubbornly(to: server, number)) }
                }
                group.addTask {
                    // The pauses between the kills are the only dice that are thrown. They are too short for a build
                    // whose trigger may be lost: that is asked for again only when its server has lived for a while.
                    var kills = 0
                    while await ids.count < 50 || kills < 12 {
                        try await Task.sleep(for: .milliseconds(Int.random(in: 100...1500)))
                        try await server.crash()
                        try await server.start()
                        kills += 1
                    }
                }
                try await group.waitForAll()
            }
            let all = try await server.rows("SELECT id FROM builds").map { $0[0] }
            for id in all {
                #expect(try await server.told(id, within: .seconds(300)).state == "succeeded")
                #expect(buildbot.starts(of: id) == 1, "P3: the job of \(id) began once")
                #expect(server.mail.messages(about: id).count == 1, "P2: one mail for \(id)")
            }
            let asked = try await buildbot.requests().map(\.attempt).sorted()
            #expect(asked == all.map { BuildbotHost.name(of: $0) + "-1" }.sorted(), "P3: one request each, no more")
            #expect(await ids.count == 50)
        }
    }

    @Test func `builds survive the deaths of Buildbot's worker and of its master (P2, P3)`() async throws {
        let buildbot = try await BuildbotHost(workers: 4)
        try await KilnServer.running(recipes: [.remote(at: buildbot.url)], Self.settings) { server in
            func submit(_ count: Int, _ name: String) async throws -> [String] {
                var ids: [String] = []
                for number in 0..<count {
                    ids.append(
                        try await server.submit(RemoteBuildTests.form("\(name)\(number)", lasts: 2), to: "remote"))
                }
                _ = try await until("they run", within: .seconds(240)) {
                    ids.allSatisfy { buildbot.starts(of: $0) == 1 } ? true : nil
                }
                return ids
            }
            let first = try await submit(3, "worker")
            try await buildbot.tell("kill worker")
            try await buildbot.tell("start worker")
            _ = try await until("Buildbot runs them again", within: .seconds(240)) {
                first.allSatisfy { buildbot.starts(of: $0) == 2 } ? true : nil
            }
            let second = try await submit(1, "master")
            try await buildbot.tell("kill master")
            try await buildbot.tell("start master")
            for id in first + second {
                let build = try await server.told(id, within: .seconds(300))
                #expect(build.state == "succeeded", "\(build)")
                #expect(try await buildbot.requests(of: id) == 1, "P3: a retried request is one request still")
                #expect(server.mail.messages(about: id).count == 1, "P2")
            }
        }
    }

    /// A worker and a master need minutes for 200 MB on a busy machine; with these, Kiln's peak grew by 6 MiB.
    @Test func `a large log passes through in little memory, and is cut (P6)`() async throws {
        let megabytes = 16
        let buildbot = try await BuildbotHost(workers: 1)
        try await KilnServer.running(recipes: [.remote(at: buildbot.url)], BuildbotHost.settings) { server in
            _ = try await server.told(server.submit(RemoteBuildTests.form("warm"), to: "remote"))
            let before = try server.peakMemory()
            let id = try await server.submit(RemoteBuildTests.form("flood \(megabytes)M", "flood"), to: "remote")
            #expect(try await server.told(id, within: .seconds(300)).state == "succeeded")
            let grown = try server.peakMemory() - before
            #expect(grown < 12 << 20, "the peak grew by \(grown >> 20) MiB")
            let log = try await server.http.get("/builds/\(id)/log")
            #expect(log.body.count < 2 << 20, "\(log.body.count)")
            #expect(log.text.contains("run starts") && log.text.contains("==> 80 Packing"), "head and tail")
        }
    }

    private static func submitStubbornly(to server: KilnServer, _ number: Int) async throws -> String {
        let form = RemoteBuildTests.form("build \(number)", lasts: number % 2)
        let headers = ["Accept": "application/json", "Idempotency-Key": "build \(number)"]
        return try await until("build \(number) is accepted", within: .seconds(240)) {
            guard let answer = try? await server.http.post("/recipes/remote/builds", form, headers),
                answer.status == 202
            else { return nil }
            return try JSONDecoder().decode(RemoteBuild.self, from: Data(answer.body)).id
        }
    }

    private actor Ledger {
        private(set) var ids: [String] = []
        var count: Int { ids.count }

        func add(_ id: String) { ids.append(id) }
    }
}

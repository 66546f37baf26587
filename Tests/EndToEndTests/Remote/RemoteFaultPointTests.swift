import Domain
import Foundation
import Glibc
import Testing

/// P1, P2, P3 with builds at a real Buildbot, which counts for itself.
@Suite(.enabled(if: BuildbotHost.tools != nil)) struct RemoteFaultPointTests {
    /// Those that every remote run comes by; this recipe verifies nothing.
    @Test(arguments: FaultPoint.allCases.filter { $0 != .beforeVerified && $0 != .afterFetchBeforeRecord })
    func `a build at Buildbot survives a crash at any point (P1, P2, P3)`(_ point: FaultPoint) async throws {
        let buildbot = try await BuildbotHost.shared
        let recipe = TestRecipe.remote(at: buildbot.url)
        try await KilnServer.running(recipes: [recipe], BuildbotHost.settings, fault: point.rawValue) { server in
            _ = try? await server.http.post("/recipes/remote/builds", RemoteBuildTests.form("crash"))
            #expect(try await server.gone(within: .seconds(240)) == 128 + SIGKILL, "it died at the point")
            let id = try #require(try await server.rows("SELECT id FROM builds").first?[0], "P1: the build is there")
            try await server.start()
            let build = try await server.told(id, within: .seconds(300))
            #expect(build.state == "succeeded", "\(build)")
            _ = try await server.download(#require(build.artifacts.first))
            #expect(try await buildbot.requests(of: id) == 1, "P3: Buildbot was asked once")
            #expect(buildbot.starts(of: id) == 1, "P3: the job began once")
            #expect(server.mail.messages(about: id).count == 1, "P2: one mail")
        }
    }
}

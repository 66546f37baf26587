import Testing

@Suite(.enabled(if: BuildbotServer.tools != nil), .timeLimit(.minutes(3)))
struct BuildbotConformanceTests {
    @Test(arguments: RemoteCase.allCases)
    func `A real Buildbot keeps the contract`(_ line: RemoteCase) async throws {
        try await RemoteConformance(ci: BuildbotPlayer(try await BuildbotServer.shared)).check(line)
    }
}

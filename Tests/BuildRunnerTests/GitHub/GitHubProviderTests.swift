import BuildRunner
import Domain
import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct GitHubProviderTests {
    @Test(arguments: RemoteCase.allCases)
    func `It keeps the contract`(_ line: RemoteCase) async throws {
        let player = try await GitHubPlayer()
        try await RemoteConformance(ci: player).check(line)
        #expect(player.problems == [])
    }
}

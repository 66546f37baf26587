import BuildRunner
import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct GitLabProviderTests {
    @Test(arguments: RemoteCase.allCases)
    func `It keeps the contract with the pipeline API`(_ line: RemoteCase) async throws {
        let gitlab = try await GitLabPlayer()
        try await RemoteConformance(ci: gitlab).check(line)
        #expect(gitlab.complaints == [])
    }

    @Test(arguments: RemoteCase.allCases)
    func `It keeps the contract with a trigger token and logs that come only whole`(_ line: RemoteCase) async throws {
        let gitlab = try await GitLabPlayer(byTriggerToken: true, hasRanges: false, project: "42")
        try await RemoteConformance(ci: gitlab).check(line)
        #expect(gitlab.complaints == [])
    }
}

extension GitLabPlayer {
    var complaints: [String] { state.withLockedValue { $0.complaints } }
}

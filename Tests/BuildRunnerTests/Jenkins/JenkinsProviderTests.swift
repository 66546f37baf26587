import BuildRunner
import Domain
import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct JenkinsProviderTests {
    @Test(arguments: RemoteCase.allCases)
    func `It keeps the contract`(_ line: RemoteCase) async throws {
        try await RemoteConformance(ci: try await JenkinsPlayer()).check(line)
    }
}

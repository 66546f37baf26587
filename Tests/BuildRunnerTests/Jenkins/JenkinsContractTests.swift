import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import BuildRunner

/// Descriptions and examples of Jenkins' answers; run where `KILN_CONTRACTS` names them.
@Suite(.timeLimit(.minutes(5)))
struct JenkinsContractTests {
    @Test
    func `The player's answers are as they are described`() async throws {
        guard let contract = try ContractValidator.find("jenkins/openapi-remote-access.json") else { return }
        let ci = try await JenkinsPlayer()
        let order = ci.order("Ada")
        let attempt = Attempt(number: 1, of: order.build.id)
        guard case .done = await ci.provider.trigger(order, as: attempt) else { throw CancellationError() }
        try await ci.move(attempt, to: .running)
        try await ci.move(attempt, to: .succeeded)
        let (item, build, job) = ci.state.withLockedValue { state in
            (Self.value(state.json(state.items[0])), Self.value(state.json(state.builds[0])), Self.value(state.job))
        }
        let queue = JSONValue.object(["_class": .text("hudson.model.Queue"), "items": .list([item])])
        #expect(contract.problems(of: queue, with: "/components/schemas/Queue") == [])
        #expect(contract.problems(of: build, with: "/components/schemas/FreeStyleBuild") == [])
        #expect(contract.problems(of: job, with: "/components/schemas/FreeStyleProject") == [])
        for request in ci.server.requests where request.path.hasSuffix("/crumbIssuer/api/json") {
            #expect(contract.problems(ofRequest: request.method, String(request.path.dropFirst(8))) == [])
        }
    }

    @Test
    func `Published examples are understood`() throws {
        guard let path = ContractValidator.path(of: "jenkins/jenkinsapi-examples.json") else { return }
        let document = try #require(FileManager.default.contents(atPath: path).flatMap { JSONValue(Array($0)) })
        let examples = try #require(document["examples"]?.members)
        func decoded<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
            try JSONDecoder().decode(type, from: Data(try #require(examples[name]).bytes))
        }
        let job = try decoded(JenkinsAnswers.Job.self, "configs.py:JOB_DATA")
        #expect(job.definitions.map(\.name) == ["param1", "param2"] && job.buildable == true)
        let build = try decoded(JenkinsAnswers.Build.self, "configs.py:BUILD_DATA")
        #expect(build.number == 1 && build.result == "SUCCESS" && build.building == false)
        #expect(build.actions?.parameter("masterBuild") == "masterBuild")
        #expect(build.actions?.parameter("lastBuild") == nil, "a number is no text")
        let files = try decoded(JenkinsAnswers.Artifacts.self, "configs.py:BUILD_DATA")
        #expect(files.artifacts.map(\.relativePath) == ["foo.txt"])
        let pipeline = try decoded(JenkinsAnswers.Pipeline.self, "configs.py:BUILD_DATA_PIPELINE")
        #expect(pipeline.stages.map(\.name) == ["Build", "Test"])
        #expect(try decoded(JenkinsAnswers.Build.self, "configs.py:BUILD_SCM_DATA").actions?.parameter("x") == nil)
    }

    /// Without members that are null: the description knows no nulls.
    private static func value(_ object: [String: Any]) -> JSONValue {
        let data = (try? JSONSerialization.data(withJSONObject: object)) ?? Data()
        return withoutNulls(JSONValue(Array(data)) ?? .null)
    }

    private static func withoutNulls(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members): .object(members.filter { $0.value != .null }.mapValues { withoutNulls($0) })
        case .list(let elements): .list(elements.map { withoutNulls($0) })
        default: value
        }
    }
}

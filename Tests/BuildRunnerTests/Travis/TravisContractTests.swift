import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import BuildRunner

/// What Travis' own tests say that its API answers; run where `KILN_CONTRACTS` names the descriptions.
@Suite(.timeLimit(.minutes(5)))
struct TravisContractTests {
    private static let exchanges: [JSONValue] = {
        guard let path = ContractValidator.path(of: "travis/v3-contract.json"),
            let document = FileManager.default.contents(atPath: path).flatMap({ JSONValue(Array($0)) })
        else { return [] }
        return document["exchanges"]?.elements ?? []
    }()

    private static func answer(_ fits: (JSONValue) -> Bool) -> PlayerServer.Answer? {
        guard let exchange = exchanges.first(where: fits), let status = exchange["status"]?.count,
            let body = exchange["response"]
        else { return nil }
        return PlayerServer.Answer(
            Int(status), headers: ["Content-Type": "application/json"], body: body.bytes)
    }

    @Test(arguments: ["no token", "no push access", "no such repository", "inactive repository", "too many requests"])
    func `Its noes are understood, and played in the same shape`(_ name: String) async throws {
        guard let answer = Self.answer({ $0["case"]?.string == name }) else { return }
        let (ci, order, attempt) = try await fresh()
        ci.server.plan(.answer(answer), where: ci.startsRun)
        switch (name, await ci.provider.trigger(order, as: attempt)) {
        case ("no such repository", .refused): break
        case ("too many requests", .refusedUntil(let pause, let reason)):
            #expect(pause == .seconds(360) && reason.contains("request limit reached"))
        case (_, .refusedUntil(_, let reason)): #expect(reason.contains("Travis answered \(answer.status): "))
        case (_, let other): Issue.record("\(other)")
        }
    }

    @Test
    func `A request has the members of the published one, and its answer is understood`() async throws {
        guard let exchange = Self.exchanges.first(where: { $0["method"]?.string == "POST" }),
            let answer = Self.answer({ $0["method"]?.string == "POST" })
        else { return }
        let (ci, order, attempt) = try await fresh()
        ci.server.plan(.answer(answer), where: ci.startsRun)
        guard case .done(let run) = await ci.provider.trigger(order, as: attempt) else { throw CancellationError() }
        #expect(run.id == "request/7")
        let sent = try #require(ci.server.requests.first { ci.startsRun($0) })
        let names = try #require(JSONValue(sent.body)?["request"]?.members?.keys)
        // The merge mode is in the vendor's guide, and not in its tests.
        let published = try #require(exchange["body"]?["request"]?.members?.keys)
        #expect(Set(names).subtracting(["merge_mode"]).isSubset(of: published))
    }

    @Test
    func `Its build is understood, and played in the same shape`() async throws {
        guard let answer = Self.answer({ $0["path"]?.string == "/build/1" }), let published = JSONValue(answer.body)
        else {
            return
        }
        let (ci, order, attempt) = try await fresh()
        guard case .done(let run) = await ci.provider.trigger(order, as: attempt) else { throw CancellationError() }
        try await ci.move(attempt, to: .running)
        ci.server.plan(.answer(answer)) { $0.path.hasPrefix("/build/") }
        guard case .done(let seen) = await ci.provider.observe(run, for: order) else { throw CancellationError() }
        #expect(seen.status == .running)
        let played = ci.state.withLockedValue { state in
            state.builds.first.flatMap { try? JSONSerialization.data(withJSONObject: state.json($0, withJobs: false)) }
        }
        let members = try #require(played.flatMap { JSONValue(Array($0)) }?.members)
        for (name, value) in members {
            let known = try #require(published[name], "\(name) is not published")
            if value != .null, known != .null { #expect(Self.kind(value) == Self.kind(known), "\(name)") }
        }
    }

    private static func kind(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .flag: "flag"
        case .integer, .number: "number"
        case .text: "text"
        case .list: "list"
        case .object: "object"
        }
    }

    private func fresh() async throws -> (TravisPlayer, BuildOrder, Attempt) {
        let ci = try await TravisPlayer()
        let order = ci.order("Ada")
        return (ci, order, Attempt(number: 1, of: order.build.id))
    }
}

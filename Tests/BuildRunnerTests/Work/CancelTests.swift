import BuildRunner
import Domain
import Sandbox
import Storage
import TestSupport
import Testing

/// A requester's cancel, whatever the worker is doing.
@Suite(.timeLimit(.minutes(5)))
struct CancelTests {
    @Test(arguments: [FaultPoint.beforeTrigger, .afterTriggerBeforeRecord, .running, .beforeCollected, .beforeVerified])
    func `A cancelled build stays cancelled, is told once, and leaves no run (P2)`(point: FaultPoint) async throws {
        let step = VerifyStep(script: "verify.sh", tools: [], limits: Recipe.sample().build.limits, picture: nil)
        let kiln = try await Kiln(recipe: .sample(verify: step), scripts: ["verify.sh": "#!/bin/sh\necho ok\n"])
        let provider = ScriptedProvider(isInstant: point != .running)
        let id = try await kiln.submit()
        let cancelling = FaultPoints { seen in
            guard seen == point else { return }
            _ = try? await kiln.store.apply(
                .cancelled, to: id, policy: BuildPolicy(maxAttempts: 3), lease: nil, at: kiln.clock.now())
        }
        try await kiln.working(try kiln.shop(provider, faults: cancelling)) {
            _ = try await kiln.ended(id)
            // A run that was being started when the cancel came is ended by who started it.
            try await until { !provider.cancels.isEmpty && provider.held.isEmpty }
            try await until { try await kiln.runs.list().isEmpty }
        }
        #expect(try await kiln.store.build(id)?.state == .cancelled)
        #expect(try await kiln.store.deliveries(of: id).map(\.kind) == [.cancelled])
        #expect(provider.starts.values.allSatisfy { $0 == 1 })
    }

    @Test
    func `A build that is cancelled in the queue is never started`() async throws {
        let kiln = try await Kiln()
        let provider = ScriptedProvider()
        let id = try await kiln.submit()
        _ = try await kiln.store.apply(
            .cancelled, to: id, policy: BuildPolicy(maxAttempts: 3), lease: nil, at: kiln.clock.now())
        let other = try await kiln.submit(address: "other@example.org")
        try await kiln.working(try kiln.shop(provider)) {
            _ = try await kiln.build(other) { $0.state.name == .running }
        }
        #expect(provider.starts.keys.sorted() == ["\(other)-1"])
        #expect(try await kiln.store.build(id)?.state == .cancelled)
    }
}

import BuildRunner
import Domain
import Storage
import TestSupport
import Testing

/// A worker that dies: it is held for ever at a fault point, with its clock, so that its claim runs out.
@Suite(.timeLimit(.minutes(5)))
struct FaultPointTests {
    @Test(arguments: [
        FaultPoint.beforeTrigger, .afterTriggerBeforeRecord, .running, .beforeCollected, .beforeVerified, .afterEnd,
    ])
    func `A worker's death costs time and nothing else: one run, one end, one mail (P2, P3)`(
        point: FaultPoint
    ) async throws {
        let verify = VerifyStep(
            script: "verify.sh", tools: [], limits: Recipe.sample().build.limits, picture: nil)
        let kiln = try await Kiln(
            recipe: .sample(verify: verify), scripts: ["verify.sh": "#!/bin/sh\ncat \"$KILN_ARTIFACTS/hello.txt\"\n"])
        let provider = ScriptedProvider(isInstant: true)
        let id = try await kiln.submit()

        let (reached, signal) = AsyncStream.makeStream(of: Void.self)
        let dying = try kiln.shop(
            provider, clock: ManualClock(),
            faults: FaultPoints { seen in
                guard seen == point else { return }
                signal.finish()
                try? await Task.sleep(for: .seconds(3600))
            })
        try await kiln.working(dying) {
            for await _ in reached {}
            kiln.clock.advance(by: .seconds(60))
            try await kiln.working(try kiln.shop(provider)) { _ = try await kiln.ended(id) }
        }
        // Here the first worker came to life again and found that the build had gone on without it.
        let build = try #require(try await kiln.store.build(id))
        #expect(build.state == .succeeded)
        #expect(provider.starts.values.allSatisfy { $0 == 1 } && provider.starts.count == 1)
        #expect(build.runs.count == 1)
        #expect(try await kiln.store.deliveries(of: id).count == 1)
        #expect(
            try await kiln.events(id)
                == ["accepted", "claimed", "triggered", "runSucceeded", "collected", "verified"])
        #expect(try await kiln.log(id) == "Hello\n")
    }
}

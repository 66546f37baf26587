import BuildRunner
import Domain
import Logging
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import GeneratorServer

struct ProviderHealthTests {
    /// Only its check is asked.
    private final class Asked: BuildProvider {
        let name = "webhook"
        let pollInterval = Duration.seconds(5)
        let count = NIOLockedValueBox(0)
        let passes = NIOLockedValueBox(true)

        func check(_ recipes: [Recipe]) async -> [ProviderFinding] {
            count.withLockedValue { $0 += 1 }
            return [
                ProviderFinding(
                    subject: "recipe sample: webhook", passed: passes.withLockedValue { $0 }, message: "answered 401")
            ]
        }

        func trigger(_ order: BuildOrder, as attempt: Attempt) async -> ProviderAnswer<Run> { .unknown(reason: "") }
        func find(_ attempt: Attempt, for order: BuildOrder) async -> ProviderAnswer<Run?> { .done(nil) }
        func observe(_ run: Run, for order: BuildOrder) async -> ProviderAnswer<Observation> { .unknown(reason: "") }
        func readLog(of run: Run, for order: BuildOrder, from offset: Int64, limit: Int) async -> ProviderAnswer<
            [UInt8]
        > { .done([]) }
        func cancel(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void> { .done(()) }
        func listFiles(of run: Run, for order: BuildOrder) async -> ProviderAnswer<[ProducedFile]> { .done([]) }
        func fetch(
            _ file: ProducedFile, of run: Run, for order: BuildOrder, to path: String, limit: Int64
        ) async -> ProviderAnswer<Void> { .unknown(reason: "") }
        func cleanUp(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void> { .done(()) }
        func changes(of run: Run) -> AsyncStream<Void>? { nil }
    }

    private let provider = Asked()
    private let clock = ManualClock()
    private let isOpen = NIOLockedValueBox(false)

    private func health() -> ProviderHealth {
        let (isOpen, since) = (isOpen, clock.now())
        return ProviderHealth(
            provider, recipes: [.sample()],
            states: {
                [
                    ProviderState(
                        name: "webhook", address: "ci.example.org", isOpen: isOpen.withLockedValue { $0 },
                        since: since, reason: "it answered 503", retryAt: nil)
                ]
            }, clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func `a provider that is down fails the health check, whatever it answered before`() async {
        let check = health().check
        #expect(check.name == "provider webhook")
        #expect(await check.check() == .init(passed: true, output: "answers"))
        isOpen.withLockedValue { $0 = true }
        let down = await check.check()
        #expect(!down.passed && down.output.hasPrefix("is down since"))
        #expect(!down.output.contains("example.org"), "its address is nobody's business")
    }

    @Test func `a CI is asked no more than once a minute`() async {
        let check = health().check
        for _ in 1...3 { _ = await check.check() }
        #expect(provider.count.withLockedValue { $0 } == 1)
        provider.passes.withLockedValue { $0 = false }
        clock.advance(by: .seconds(60))
        #expect(await check.check() == .init(passed: false, output: "recipe sample: webhook: answered 401"))
    }
}

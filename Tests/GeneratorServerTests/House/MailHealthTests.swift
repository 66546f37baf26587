import Domain
import Logging
import Mailer
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import GeneratorServer

struct MailHealthTests {
    private final class Asked: MailTransport {
        let name: String
        let looks = NIOLockedValueBox(0)
        let problem = NIOLockedValueBox<String?>(nil)

        init(_ name: String) {
            self.name = name
        }

        func largestMessage() async -> Int64? { nil }
        func deliver(_ message: MailMessage) async -> TransportAnswer { .accepted(receipt: nil) }

        func check() async -> TransportCheck {
            looks.withLockedValue { $0 += 1 }
            return problem.withLockedValue { $0 }.map { .broken(problem: $0, mend: "mend it") } ?? .working(detail: "")
        }
    }

    private let first = Asked("smtp://mail.example.org:587")
    private let second = Asked("sendgrid")
    private let clock = ManualClock()

    private func check(_ route: MailRoute) -> HealthCheck {
        MailHealth(route, clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }).check
    }

    @Test func `a transport is asked once a minute, and what it says names no address`() async {
        let check = check(MailRoute(primary: first, at: clock.now()))
        for _ in 1...3 { #expect(await check.check() == .init(passed: true, output: first.name)) }
        #expect(first.looks.withLockedValue { $0 } == 1)
        first.problem.withLockedValue { $0 = "553 5.7.1 <kiln@example.org>: not owned by user kiln" }
        clock.advance(by: .seconds(60))
        let verdict = await check.check()
        #expect(!verdict.passed)
        #expect(verdict.output == "\(first.name): 553 5.7.1 (an address) not owned by user kiln")
    }

    @Test func `mail that goes by the second way goes, and it is said`() async {
        first.problem.withLockedValue { $0 = "connection refused" }
        let check = check(MailRoute(primary: first, fallback: second, at: clock.now()))
        let verdict = await check.check()
        #expect(verdict.passed)
        #expect(verdict.output.contains("connection refused") && verdict.output.hasSuffix("by the second one"))
        second.problem.withLockedValue { $0 = "401" }
        clock.advance(by: .seconds(60))
        #expect(await check.check().passed == false)
    }
}

import Domain
import Logging
import Mailer

/// What `/health-check` says of the mail's transports. It is well as long as mail goes out, be it by the second transport;
/// which one does is said. A transport that has just worked is not asked, another one at most once a minute.
actor MailHealth {
    private static let age = Duration.seconds(60)

    private let route: MailRoute
    private let clock: any WallClock
    private let logger: Logger
    private var known: [String: (problem: String?, at: Timestamp)] = [:]

    init(_ route: MailRoute, clock: any WallClock, logger: Logger) {
        self.route = route
        self.clock = clock
        self.logger = logger
    }

    nonisolated var check: HealthCheck {
        HealthCheck(name: "mail") { await self.verdict() }
    }

    private func verdict() async -> HealthCheck.Verdict {
        let first = await problem(with: route.primary)
        guard let fallback = route.fallback else {
            return .init(passed: first == nil, output: words(route.primary, first))
        }
        let second = await problem(with: fallback)
        var output = words(route.primary, first) + "; second: " + words(fallback, second)
        if first != nil, second == nil { output += "; mail goes by the second one" }
        return .init(passed: first == nil || second == nil, output: output)
    }

    private func words(_ line: MailLine, _ problem: String?) -> String {
        line.name + (problem.map { ": \($0)" } ?? "")
    }

    /// - Returns: `nil` if it takes mail.
    private func problem(with line: MailLine) async -> String? {
        let status = line.status
        guard status.isUp else {
            let fault = status.fault.map { ": \(MailFault.withoutAddresses($0))" } ?? ""
            return "is down since \(status.since)\(fault)"
        }
        let now = clock.now()
        if let answeredAt = status.answeredAt, now - answeredAt < Self.age { return nil }
        if let known = known[line.name], now - known.at < Self.age { return known.problem }
        var problem: String?
        if case .broken(let found, let mend) = await line.transport.check() {
            logger.warning(
                "A mail transport failed its check",
                metadata: [
                    "transport": "\(line.name)", "problem": "\(MailFault.withoutAddresses(found))", "mend": "\(mend)",
                ])
            problem = MailFault.withoutAddresses(found)
        }
        // An answer that was broken off says nothing.
        if !Task.isCancelled { known[line.name] = (problem, now) }
        return problem
    }
}

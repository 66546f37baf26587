package import Domain
import NIOConcurrencyHelpers

/// One transport, how it stands, and what went through it since the start.
package final class MailLine: Sendable {
    private struct State {
        var circuit: TransportCircuit
        var counts: [DeliveryTry.Outcome: Int] = [:]
        var answeredAt: Timestamp?
    }

    package let transport: any MailTransport
    private let state: NIOLockedValueBox<State>

    package init(_ transport: any MailTransport, at now: Timestamp) {
        self.transport = transport
        state = NIOLockedValueBox(State(circuit: TransportCircuit(at: now)))
    }

    package var name: String { transport.name }

    package var status: MailLineStatus {
        state.withLockedValue { state in
            MailLineStatus(
                name: transport.name, isUp: !state.circuit.isDown, since: state.circuit.since,
                fault: state.circuit.reason, retryAt: state.circuit.retryAt, answeredAt: state.answeredAt,
                counts: state.counts)
        }
    }

    /// See `TransportCircuit.places`.
    var places: Int? { state.withLockedValue { $0.circuit.places } }
    var retryAt: Timestamp? { state.withLockedValue { $0.circuit.retryAt } }

    /// See `TransportCircuit.begin`; each begin is followed by one `end`.
    func begin() -> Bool { state.withLockedValue { $0.circuit.begin() } }

    /// - Returns: whether the transport went down or came up by this.
    @discardableResult
    func end(_ answer: TransportAnswer, at now: Timestamp) -> Bool {
        state.withLockedValue { state in
            let wasDown = state.circuit.isDown
            state.counts[answer.outcome, default: 0] += 1
            switch answer {
            case .notNow(let fault, let after) where fault.scope == .transport:
                state.circuit.failed(fault.words, after: after, at: now)
            case .unknown(let fault):
                state.circuit.failed(fault.words, after: nil, at: now)
            case .accepted, .refused, .notNow:
                state.circuit.answered(at: now)
                state.answeredAt = now
            }
            return state.circuit.isDown != wasDown
        }
    }

    /// The try was broken off from our side: it tells nothing.
    func endUntold() { state.withLockedValue { $0.circuit.ended() } }

    /// Looks at a transport that is down, after its pause.
    /// - Returns: whether it looks well.
    func look(clock: any WallClock) async -> Bool {
        let check = await transport.check()
        // A look that was broken off says nothing.
        guard !Task.isCancelled else { return false }
        return state.withLockedValue { state in
            switch check {
            case .working:
                state.circuit.looked(nil, at: clock.now())
                return true
            case .broken(let problem, _):
                state.circuit.looked(problem, at: clock.now())
                return false
            }
        }
    }
}

/// How a transport stands, for `/metrics`, `/health-check` and the log.
package struct MailLineStatus: Hashable, Sendable {
    package var name: String
    package var isUp: Bool
    /// Since when it is up or down; the start, if it was never down.
    package var since: Timestamp
    /// The newest failure of its own, in the other side's words, which may hold addresses; `nil` once it answers.
    package var fault: String?
    /// When it is looked at again; only while it is down.
    package var retryAt: Timestamp?
    /// When it last answered a mail as a working transport does.
    package var answeredAt: Timestamp?
    /// Tries since the start, by how they ended.
    package var counts: [DeliveryTry.Outcome: Int]

    package init(
        name: String, isUp: Bool, since: Timestamp, fault: String?, retryAt: Timestamp?, answeredAt: Timestamp?,
        counts: [DeliveryTry.Outcome: Int]
    ) {
        self.name = name
        self.isUp = isUp
        self.since = since
        self.fault = fault
        self.retryAt = retryAt
        self.answeredAt = answeredAt
        self.counts = counts
    }
}

extension TransportAnswer {
    var outcome: DeliveryTry.Outcome {
        switch self {
        case .accepted: .accepted
        case .refused: .refused
        case .notNow: .notNow
        case .unknown: .unknown
        }
    }
}

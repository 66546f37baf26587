package import Domain
import Logging
import NIOConcurrencyHelpers

/// How a provider stands, for the health check, metrics and the status page.
package struct ProviderState: Hashable, Sendable {
    package var name: String
    /// Scheme, host and port.
    package var address: String
    /// It failed several times in a row and is left alone for the time being.
    package var isOpen: Bool
    /// Since when it is so; for one that was never down, since the service runs.
    package var since: Timestamp
    /// Why it is open, for the operator.
    package var reason: String?
    /// When it is asked again.
    package var retryAt: Timestamp?

    package init(
        name: String, address: String, isOpen: Bool, since: Timestamp, reason: String?, retryAt: Timestamp?
    ) {
        self.name = name
        self.address = address
        self.isOpen = isOpen
        self.since = since
        self.reason = reason
        self.retryAt = retryAt
    }
}

/// The circuit breakers of one process.
final class Circuits: Sendable {
    private struct State {
        var circuits: [CircuitKey: Circuit] = [:]
        /// The newest call that failed, of each that is not closed for sure: asked again to see whether it is up.
        var probes: [CircuitKey: Probe] = [:]
    }

    /// A harmless question to a provider: which run an attempt has.
    struct Probe: Sendable {
        var order: BuildOrder
        var attempt: Attempt
    }

    private let state = NIOLockedValueBox(State())
    private let began: Timestamp
    private let logger: Logger

    init(at now: Timestamp, logger: Logger) {
        began = now
        self.logger = logger
    }

    /// What is to be asked now of providers that are down; each question is their one trial.
    func dueProbes(at now: Timestamp) -> [(key: CircuitKey, probe: Probe)] {
        state.withLockedValue { state in
            let due = state.circuits.filter { $0.value.retryAt.map { $0 <= now } ?? false }.keys
            return due.compactMap { key in
                guard let probe = state.probes[key], case .granted = state.circuits[key]?.permit(at: now) else {
                    return nil
                }
                return (key, probe)
            }
        }
    }

    func isOpen(_ key: CircuitKey?) -> Bool {
        guard let key else { return false }
        return state.withLockedValue { $0.circuits[key]?.isOpen ?? false }
    }

    /// Whether it is open, and nobody is to ask before then.
    func pause(_ key: CircuitKey?, at now: Timestamp) -> Timestamp? {
        guard let key, let retryAt = state.withLockedValue({ $0.circuits[key]?.retryAt }) else { return nil }
        return retryAt > now ? retryAt : nil
    }

    func permit(_ key: CircuitKey?, at now: Timestamp) -> Circuit.Permit {
        guard let key else { return .granted }
        return state.withLockedValue { $0.circuits[key]?.permit(at: now) } ?? .granted
    }

    /// - Parameter probe: what is asked, should it be down, to see whether it is up again.
    /// - Returns: whether it is up again by this.
    @discardableResult
    func note<Value>(
        _ answer: ProviderAnswer<Value>, by key: CircuitKey?, probe: Probe, at now: Timestamp
    ) -> Bool {
        guard let key else { return false }
        let outcome: Circuit.Outcome
        switch answer {
        case .done, .refused: outcome = .answered
        case .refusedUntil(_, let reason), .unknown(let reason): outcome = .failed(reason: reason)
        }
        let opened: Bool? = state.withLockedValue { state in
            // Nothing is kept of a provider that never failed.
            if outcome == .answered, state.circuits[key] == nil { return nil }
            var circuit = state.circuits[key] ?? Circuit(at: began)
            let changed = circuit.note(outcome, at: now)
            state.circuits[key] = circuit
            state.probes[key] = outcome == .answered ? nil : probe
            return changed ? circuit.isOpen : nil
        }
        guard let opened else { return false }
        let metadata: Logger.Metadata = ["provider": "\(key.provider)", "address": "\(key.address)"]
        if case .failed(let reason) = outcome, opened {
            logger.error(
                "a provider is down; its builds wait, or go to the next one",
                metadata: metadata.merging(["answer": "\(reason)"]) { $1 })
        } else {
            logger.notice("a provider is up again", metadata: metadata)
        }
        return !opened
    }

    func state(of key: CircuitKey) -> ProviderState {
        let circuit = state.withLockedValue { $0.circuits[key] } ?? Circuit(at: began)
        return ProviderState(
            name: key.provider, address: key.address, isOpen: circuit.isOpen, since: circuit.since,
            reason: circuit.reason, retryAt: circuit.retryAt)
    }
}

extension Workshop {
    /// How the providers stand at which installed recipes are built, this machine excepted; by name and address.
    package func providerStates() -> [ProviderState] {
        let keys = Set(installedRecipes().flatMap { $0.build.providers.compactMap { CircuitKey($0) } })
        return keys.sorted { ($0.provider, $0.address) < ($1.provider, $1.address) }.map { circuits.state(of: $0) }
    }
}

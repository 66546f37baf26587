import Domain
import Storage

// What a run writes, on its way into its log, and the phases that are read of it.
extension RunWatch {
    /// What a provider has to say is taken for no longer at once: a log without an end keeps no build from its own (P2).
    private static let longestCarry = Duration.seconds(600)

    func carryLog(toEnd: Bool) async throws {
        let until = shop.clock.now() + Self.longestCarry
        while shop.clock.now() < until {
            let bytes = try await advance.nextBytes(after: log.taken, of: run, order, from: provider)
            if bytes.isEmpty { return }
            willWrite()
            if !hasRunLog {
                _ = try await carryTold()
                try await told.finish(into: shop.logs)
                hasRunLog = true
            }
            try await log.take(bytes, into: shop.logs)
            // More can wait for the next look, but not a flood.
            if !toEnd, bytes.count < 64 << 10 { return }
        }
    }

    /// - Returns: whether the run had sent more.
    func carryTold() async throws -> Bool {
        // Readers follow the parts as one text, by its length: only the last one grows.
        guard let files = shop.reportFiles, !hasRunLog else { return false }
        let before = told.taken
        while true {
            let bytes = try await files.readLog(of: attempt, from: told.taken, limit: 256 << 10)
            if bytes.isEmpty { break }
            willWrite()
            try await told.take(bytes, into: shop.logs)
        }
        if told.reader.phase != nil, told.taken != before { phase = told.reader.phase }
        return told.taken != before
    }

    func finishLogs() async throws {
        _ = try await carryTold()
        willWrite()
        if !hasRunLog { try await told.finish(into: shop.logs) }
        try await log.finish(into: shop.logs)
    }

    /// What the run reports counts before what its log says, which may have been written long before it was read; the
    /// provider's own word only while nothing better is said.
    func readPhases(_ observation: Observation) {
        if log.reader.phase != logPhase {
            logPhase = log.reader.phase
            if report?.phase == nil { phase = logPhase ?? phase }
        } else if logPhase == nil, report?.phase == nil, observation.phase != observedPhase {
            phase = observation.phase ?? phase
        }
        observedPhase = observation.phase
    }

    var hasPhaseToTell: Bool {
        guard let phase, case .running(_, let known) = order.build.state else { return false }
        return phase != known
    }

    func tellPhase() async throws -> HeldBuild.End? {
        let now = shop.clock.now()
        guard hasPhaseToTell, let phase, now >= nextPhaseAt else { return nil }
        willWrite()
        nextPhaseAt = now + BuildAdvance.phasePace
        return try await advance.tell(phase, &order, run).map(onward)
    }
}

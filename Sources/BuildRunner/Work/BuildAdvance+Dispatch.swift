import Domain
import Logging
import Storage

extension BuildAdvance {
    /// The pause before a provider that gave no clear answer is asked again: a quarter of the time that went by since the
    /// attempt began, so that it grows.
    private static let pauses = Duration.seconds(1)...Duration.seconds(60)

    /// triggering: sees to it that the provider has exactly one run for this attempt (P3).
    func dispatch(_ given: BuildOrder, _ attempt: Attempt, at provider: any BuildProvider) async throws -> Step {
        // Nothing can have been sent for it, and it has no place at the provider.
        if given.build.isToGather { return try await gatherApart(given, attempt) }
        let circuit = CircuitKey(provider: provider.name, of: given.recipe)
        if case .refused(let until) = shop.circuits.permit(circuit, at: shop.clock.now()) {
            if isFresh, let step = try await moveOn(given, attempt, from: circuit) { return step }
            return .hold(Hold(build: given.build, reason: .asksLater(until: until, isUnsent: isFresh)))
        }
        if !isFresh, let step = try await findFirst(given, attempt, at: provider, circuit) { return step }
        let order: BuildOrder
        switch try await gather(given, attempt) {
        case .ready(let build): order = BuildOrder(build: build, recipe: given.recipe)
        case .step(let step): return step
        }
        await shop.faults.reach(.beforeTrigger)
        try await confirmLease(of: order.build.id)
        shop.sent.note(attempt, at: shop.clock.now())
        let answer = await provider.trigger(order, as: attempt)
        if case .unknown = answer {} else { shop.sent.forget(attempt) }
        note(answer, circuit, order, attempt)
        switch answer {
        case .done(let run):
            await shop.faults.reach(.afterTriggerBeforeRecord)
            do {
                let step = try await record(.triggered(run), order)
                await shop.faults.reach(.running)
                return step
            } catch StorageError.leaseLost {
                await abandon(order, attempt, run, at: provider)
                throw StorageError.leaseLost
            }
        case .refused(let failure):
            return try await end(order.build, attempt, failure)
        case .refusedUntil(let pause, let reason):
            if shop.circuits.isOpen(circuit), let step = try await moveOn(order, attempt, from: circuit) { return step }
            return try await later(
                order, attempt, pause: pause, isUnsent: true, "the provider takes no build now", reason)
        case .unknown(let reason):
            return try await later(
                order, attempt, pause: nil, isUnsent: false, "whether the run was started is not known", reason)
        }
    }

    /// Something may have been sent before: asks for its run. `nil`: there is none for sure.
    private func findFirst(
        _ order: BuildOrder, _ attempt: Attempt, at provider: any BuildProvider, _ circuit: CircuitKey?
    ) async throws -> Step? {
        let found = await provider.find(attempt, for: order)
        note(found, circuit, order, attempt)
        if case .done(.some(let run)) = found {
            shop.sent.forget(attempt)
            return try await record(.triggered(run), order)
        }
        if let step = try await goByReport(order, attempt, at: provider) { return step }
        switch found {
        case .done(.some): return nil
        case .done(nil): break
        case .refused(let failure): return try await end(order.build, attempt, failure)
        case .refusedUntil(let pause, let reason):
            return try await later(
                order, attempt, pause: pause, isUnsent: false, "the provider is to be asked later", reason)
        case .unknown(let reason):
            return try await later(
                order, attempt, pause: nil, isUnsent: false, "whether a run exists is not known", reason)
        }
        if let step = try await giveUp(order, attempt) { return step }
        // Not there yet is not the same as never begun.
        let settled = shop.sent.time(of: attempt) + provider.settlingTime
        guard shop.clock.now() < settled else { return nil }
        return .hold(Hold(build: order.build, reason: .asksLater(until: settled, isUnsent: false)))
    }

    /// A run that reports exists, whatever the provider says or does not say. `nil`: none has reported.
    private func goByReport(
        _ order: BuildOrder, _ attempt: Attempt, at provider: any BuildProvider
    ) async throws -> Step? {
        guard let report = try await shop.reports?.report(of: attempt) else { return nil }
        // A CI finds a run by the attempt's key. By a name that the run gives itself, another build's run could be watched
        // and ended in its place (P4); only the service behind a webhook is told the key with every such name.
        let isTrusted = provider.name == ProviderSettings.Name.webhook.rawValue
        var id = report.runID.flatMap { isTrusted && Self.isUsableRunID($0) ? $0 : nil }
        let began = try await time(of: .claimed, in: order.build)
        if report.result != nil || shop.clock.now() - began >= shop.settings.startLimit {
            // Nothing more can be learned of its name: its reports alone say how it goes.
            id = id ?? attempt.key
        }
        guard let id else {
            return try await later(
                order, attempt, pause: nil, isUnsent: false, "a run reports that the provider does not name yet", "")
        }
        let run = Run(attempt: attempt, provider: provider.name, id: id, url: report.runURL)
        return try await record(.triggered(run), order)
    }

    /// What a run says of itself becomes a part of addresses.
    private static func isUsableRunID(_ id: String) -> Bool {
        guard (1...200).contains(id.utf8.count), !id.contains("..") else { return false }
        return id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "#"):
                true
            default: false
            }
        }
    }

    /// The provider is down and has no run of this attempt: gives the attempt back, so that the build goes to the recipe's
    /// next provider. `nil`: there is none, and the build waits.
    private func moveOn(_ order: BuildOrder, _ attempt: Attempt, from circuit: CircuitKey?) async throws -> Step? {
        guard attempt.number < order.recipe.build.maxAttempts, let circuit,
            let next = shop.bestProvider(for: order.recipe), next != circuit.provider
        else { return nil }
        shop.logger.notice(
            "a build goes to the next provider", metadata: ["build": "\(order.build.id)", "provider": "\(next)"])
        return try await fail(order, attempt, FailureWords.providerDown(circuit.provider))
    }

    private func later(
        _ order: BuildOrder, _ attempt: Attempt, pause: Duration?, isUnsent: Bool, _ message: Logger.Message,
        _ reason: String
    ) async throws -> Step {
        try Task.checkCancellation()
        let began = try await time(of: .claimed, in: order.build)
        let elapsed = shop.clock.now() - began
        let limit = shop.settings.startLimit
        if !isUnsent, elapsed >= limit + order.recipe.build.maxWait {
            // Sending it again is not safe while nobody knows, and waiting has to end (P2, P3).
            return try await end(order.build, attempt, FailureWords.silent)
        }
        let circuit = CircuitKey(provider: order.build.provider, of: order.recipe)
        if isUnsent, !shop.circuits.isOpen(circuit) || elapsed >= limit + order.recipe.build.maxWait,
            let step = try await giveUp(order, attempt)
        {
            return step
        }
        let pause = pause ?? min(max(elapsed / 4, Self.pauses.lowerBound), Self.pauses.upperBound)
        shop.logger.warning(
            message, metadata: ["build": "\(order.build.id)", "reason": "\(reason)", "again_in": "\(pause)"])
        // Never beyond the limit: the last look is at it.
        let left = limit - elapsed
        let until = shop.clock.now() + (left > .zero ? min(pause, left) : pause)
        return .hold(Hold(build: order.build, reason: .asksLater(until: until, isUnsent: isUnsent)))
    }

    /// The attempt took too long to begin, and the provider has no run of it.
    func giveUp(_ order: BuildOrder, _ attempt: Attempt) async throws -> Step? {
        let began = try await time(of: .claimed, in: order.build)
        guard shop.clock.now() - began >= shop.settings.startLimit else { return nil }
        return try await fail(order, attempt, FailureWords.neverStarted(after: shop.settings.startLimit))
    }

    /// What an answer tells of the provider; that of a call that was broken off tells nothing.
    func note<Value>(
        _ answer: ProviderAnswer<Value>, _ circuit: CircuitKey?, _ order: BuildOrder, _ attempt: Attempt
    ) {
        guard !Task.isCancelled else { return }
        let isUp = shop.circuits.note(
            answer, by: circuit, probe: Circuits.Probe(order: order, attempt: attempt), at: shop.clock.now())
        if isUp { shop.notices.post(.work) }
    }

    /// The build went on without us while we started its run: if it is not this attempt that goes on, the run ends.
    private func abandon(
        _ order: BuildOrder, _ attempt: Attempt, _ run: Run, at provider: any BuildProvider
    ) async {
        do {
            if try await shop.store.build(order.build.id)?.state.attempt == attempt { return }
        } catch {
            shop.logger.warning(
                "whether a run is still wanted is not known",
                metadata: ["build": "\(order.build.id)", "error": "\(error)"])
            return
        }
        _ = await provider.cancel(attempt, run: run, for: order)
        if case .done = await provider.cleanUp(attempt, run: run, for: order) { return }
        shop.logger.warning(
            "a run that nobody wants is left to the caretaker", metadata: ["build": "\(order.build.id)"])
    }
}

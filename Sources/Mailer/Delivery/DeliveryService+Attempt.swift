import Domain
import Logging
import Storage

/// One try to send one mail.
extension DeliveryService {
    /// What a mail is made of, looked up once a try: by which transport it goes, and how large it may be, changes none of it.
    private struct Subject {
        var delivery: Delivery
        var group: [Build]
        var recipe: Recipe?
        /// See `MailComposer.message`.
        var source: String?
        /// The mail that this one answers.
        var earlier: OutboxEntryID?
    }

    func attempt(_ claimed: ClaimedDelivery) async -> DeliveryEnding {
        let primary = route.primary.name
        do {
            return try await deliver(claimed)
        } catch let error as MailComposerError {
            let outcome: DeliveryOutcome =
                switch error {
                case .unsendable:
                    .refused(reason: "The address or the text cannot stand in a mail.", suppressFor: nil)
                case .missingTemplate(let name): again(claimed.delivery, "The template \(name) is missing.")
                case .unusableText(let fault): again(claimed.delivery, "\(fault)")
                case .unmade(let reason): again(claimed.delivery, "The mail cannot be made: \(reason)")
                case .withoutBuild: .refused(reason: "The build is gone.", suppressFor: nil)
                case .storage(let error): again(claimed.delivery, "The storage does not answer: \(error)")
                }
            return DeliveryEnding(claimed: claimed, outcome: outcome, transport: primary)
        } catch {
            return DeliveryEnding(
                claimed: claimed, outcome: again(claimed.delivery, "The storage does not answer: \(error)"),
                transport: primary)
        }
    }

    private func deliver(_ claimed: ClaimedDelivery) async throws -> DeliveryEnding {
        let delivery = claimed.delivery
        // One mail tells of all that were asked for together.
        let correspondence = try await outbox.correspondence(about: delivery.build)
        let group = correspondence.builds
        guard let lead = group.first else { throw MailComposerError.withoutBuild }
        try await checkedFiles.check(group, for: delivery.id)
        let subject = Subject(
            delivery: delivery, group: group, recipe: await recipe(lead.recipe),
            source: delivery.kind == .confirmation ? try await builds.source(of: delivery.build) : nil,
            earlier: Self.newest(of: correspondence.mails, before: delivery))
        let tries = delivery.attempts > 1 ? try await triesSoFar(of: delivery) : []

        guard !Task.isCancelled, let line = route.begin(after: tries) else {
            return DeliveryEnding(claimed: claimed, outcome: .handedBack, transport: route.primary.name)
        }
        var answer = try await send(subject, by: line)
        var last = line
        var earlier: String?
        if case .notNow(let fault, _) = answer, !Task.isCancelled,
            let fallback = route.beginFallback(after: tries, and: line)
        {
            earlier = "\(line.name): \(fault.words)"
            last = fallback
            answer = try await send(subject, by: fallback)
        }
        await faults.reach(.afterMailBeforeRecord)
        return DeliveryEnding(
            claimed: claimed, outcome: outcome(of: answer, delivery, tries, earlier: earlier), transport: last.name)
    }

    /// Composes for this transport, because its bound decides what is attached, and sends.
    private func send(_ subject: Subject, by line: MailLine) async throws -> TransportAnswer {
        var answer: TransportAnswer
        do {
            let largest = await line.transport.largestMessage()
            answer = try await send(subject, by: line, largest: largest)
            // A server tells its bound when it is first spoken to: what was composed before that goes again, smaller.
            if case .refused(let fault) = answer, fault.scope == .message,
                let told = await line.transport.largestMessage(), told < largest ?? .max
            {
                answer = try await send(subject, by: line, largest: told)
            }
        } catch {
            line.endUntold()
            throw error
        }
        if Task.isCancelled, case .notNow = answer {
            line.endUntold()
        } else if line.end(answer, at: clock.now()) {
            report(line)
        }
        return answer
    }

    private func send(
        _ subject: Subject, by line: MailLine, largest: Int64?
    ) async throws -> TransportAnswer {
        var message = try await composer.message(
            for: subject.delivery, about: subject.group, recipe: subject.recipe, largest: largest,
            source: subject.source)
        message.replyTo = message.replyTo ?? settings.replyTo
        message.earlier = subject.earlier
        await faults.reach(.beforeMail)
        return await line.transport.deliver(message)
    }

    /// The newest mail about the same build that its reader has, so that both are one conversation.
    private static func newest(of mails: [Delivery], before delivery: Delivery) -> OutboxEntryID? {
        mails.last { other in
            switch other.status {
            case .accepted, .deferred, .delivered: other.id < delivery.id
            case .waiting, .bounced, .refused, .cancelled: false
            }
        }?.id
    }

    private func triesSoFar(of delivery: Delivery) async throws(StorageError) -> [DeliveryTry] {
        try await desk.tries(of: delivery.id).filter { $0.at >= delivery.patienceSince }
    }

    private func outcome(
        of answer: TransportAnswer, _ delivery: Delivery, _ tries: [DeliveryTry], earlier: String?
    ) -> DeliveryOutcome {
        func words(_ fault: MailFault) -> String {
            (earlier.map { "\($0); then: " } ?? "") + fault.words
        }
        switch answer {
        case .accepted(let receipt):
            return .accepted(receipt: receipt)
        case .refused(let fault):
            return .refused(
                reason: words(fault), suppressFor: fault.scope == .address ? settings.suppression : nil)
        case .notNow where Task.isCancelled:
            // Broken off by the shutdown, before it could have been taken.
            return .handedBack
        case .notNow(let fault, let after):
            // A fault that every mail would meet is waited for by the transport as a whole: this mail's own pauses need
            // not grow.
            let failures = fault.scope == .transport ? 1 : tries.count + 1
            return again(delivery, words(fault), failures: failures, after: after)
        case .unknown(let fault):
            return afterUnknown(delivery, tries, words(fault))
        }
    }

    private func afterUnknown(_ delivery: Delivery, _ tries: [DeliveryTry], _ words: String) -> DeliveryOutcome {
        let unknown = tries.count { $0.outcome == .unknown } + 1
        guard unknown < settings.mostUnknown else {
            return .refused(
                reason: "It may have arrived: \(unknown) times the connection ended before the answer. \(words)",
                suppressFor: nil)
        }
        return again(delivery, words, failures: tries.count + 1, isUnknown: true)
    }

    /// - Parameter failures: in a row since it is tried; `nil`: as many as it had tries.
    private func again(
        _ delivery: Delivery, _ reason: String, failures: Int? = nil, after: Duration? = nil, isUnknown: Bool = false
    ) -> DeliveryOutcome {
        let now = clock.now()
        guard now - delivery.patienceSince < settings.patience else {
            return .refused(reason: "Given up after \(delivery.attempts) tries: \(reason)", suppressFor: nil)
        }
        var random = SystemRandomNumberGenerator()
        var pause = Backoff.deliveries.pause(after: failures ?? delivery.attempts, using: &random)
        if let after { pause = min(max(after, .seconds(1)), TransportCircuit.longestRest) }
        if isUnknown { pause = max(pause, settings.unknownPause) }
        return .retry(at: now + pause, reason: reason, isUnknown: isUnknown)
    }

    private func report(_ line: MailLine) {
        let status = line.status
        guard !status.isUp else {
            logger.notice("A mail transport is up again", metadata: ["transport": "\(line.name)"])
            return
        }
        logger.error(
            "A mail transport is down: its mails wait",
            metadata: [
                "transport": "\(line.name)", "reason": "\(MailFault.withoutAddresses(status.fault ?? ""))",
                "again_at": "\(status.retryAt?.description ?? "")",
            ])
    }
}

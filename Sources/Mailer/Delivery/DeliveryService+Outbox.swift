import Domain
import Logging
import Storage

/// What the service has to do with the outbox.
extension DeliveryService {
    func claim(_ limit: Int) async -> Result<[ClaimedDelivery], StorageError> {
        do {
            return .success(
                try await outbox.claimDueDeliveries(
                    limit: limit, leaseFor: settings.lease, pace: settings.pace, at: clock.now()))
        } catch {
            return .failure(error)
        }
    }

    /// Writes down how tries ended, all in one transaction; while that is written more of them end.
    /// - Returns: those that could not be written, after a pause. Their leases hold: nobody tries them again meanwhile,
    ///   and what a transport took is not forgotten because the disk was full.
    func settle(_ endings: [DeliveryEnding]) async -> [DeliveryEnding] {
        do {
            let lost = try await outbox.settle(
                endings.map { ($0.claimed, $0.outcome, $0.transport) }, at: clock.now())
            for ending in endings { report(ending, isLost: lost.contains(ending.claimed.delivery.id)) }
            return []
        } catch {
            logger.error(
                "The ends of deliveries cannot be written down",
                metadata: ["error": "\(error)", "deliveries": "\(endings.count)"])
            // In a process that ends there is no later: the next start tries these mails again.
            guard !Task.isCancelled else { return [] }
            do { try await clock.sleep(until: clock.now() + .seconds(5)) } catch { return [] }
            return endings
        }
    }

    private func report(_ ending: DeliveryEnding, isLost: Bool) {
        let delivery = ending.claimed.delivery
        var logger = logger
        logger[metadataKey: "build"] = "\(delivery.build)"
        logger[metadataKey: "entry"] = "\(delivery.id)"
        if isLost {
            logger.warning("A delivery's end was not recorded", metadata: ["error": "its lease was lost"])
            return
        }
        // The outbox has the words as they are.
        switch ending.outcome {
        case .accepted:
            checkedFiles.forget(delivery.id)
            logger.info("Mail accepted", metadata: ["transport": "\(ending.transport)"])
        case .refused(let reason, _):
            checkedFiles.forget(delivery.id)
            logger.error(
                "Mail refused for good",
                metadata: ["transport": "\(ending.transport)", "reason": "\(MailFault.withoutAddresses(reason))"])
        case .retry(let at, let reason, _):
            logger.warning(
                "Mail not sent yet",
                metadata: [
                    "transport": "\(ending.transport)", "reason": "\(MailFault.withoutAddresses(reason))",
                    "again_at": "\(at)",
                ])
        case .handedBack: logger.debug("Mail handed back")
        }
    }

    /// Returns when mail may be due.
    /// - Parameter leastPause: not before this, whatever the outbox says.
    func waitForMail(leastPause: Duration) async -> DeliveryRound.Step {
        if leastPause > .zero { try? await clock.sleep(until: clock.now() + leastPause) }
        await withTaskGroup { group in
            group.addTask {
                var hints = notices.subscribe(to: .mail).makeAsyncIterator()
                // The first hint is the subscription's own; it is spent by asking the outbox once more below.
                _ = await hints.next()
                if await isDue() { return }
                _ = await hints.next()
            }
            group.addTask { await sleepUntilDue() }
            await group.next()
            group.cancelAll()
        }
        return .due
    }

    /// Looks again and again, because another process may have put something there, which posts no notice here.
    private func sleepUntilDue() async {
        while !Task.isCancelled {
            let now = clock.now()
            await builds.noticeOthers()
            let next = (try? await outbox.nextDeliveryAt(pace: settings.pace, at: now)) ?? nil
            if let next, next <= now { return }
            let look = now + settings.look
            // Only a cancelled sleep throws; the loop ends by itself then.
            try? await clock.sleep(until: next.map { min($0, look) } ?? look)
        }
    }

    private func isDue() async -> Bool {
        let now = clock.now()
        guard let due = try? await outbox.nextDeliveryAt(pace: settings.pace, at: now) else { return false }
        return due <= now
    }

    /// Looks at a transport that is down once its pause is over, and says what it found.
    func look(at line: MailLine, from retryAt: Timestamp) async {
        do { try await clock.sleep(until: retryAt) } catch { return }
        if await line.look(clock: clock) {
            logger.notice("A mail transport looks well again", metadata: ["transport": "\(line.name)"])
        } else if let fault = line.status.fault {
            logger.warning(
                "A mail transport is still down",
                metadata: ["transport": "\(line.name)", "reason": "\(MailFault.withoutAddresses(fault))"])
        }
    }
}

import CCurl

/// Moves all transfers: one thread's, from `init` to `deinit`.
@safe final class TransferLoop {
    private struct Waiting {
        var order: TransferOrder
        var continuation: TransferContinuation
    }

    private let settings: TransferSettings
    private let addressGuard: AddressGuard
    private let multi: UnsafeMutableRawPointer
    /// The connections of guarded requests, which those of others never meet. The multi handle keeps the others'.
    private let guardedConnections: OpaquePointer
    private var gate: TransferGate<ObjectIdentifier>
    private var waiting: [ObjectIdentifier: Waiting] = [:]
    private var running: [ObjectIdentifier: EasyHandle] = [:]
    private var idle: [EasyHandle] = []
    private var guardedIdle: [EasyHandle] = []
    private var nextSweep = ContinuousClock.now

    /// How late a transfer may learn that its time is over while it waits for its turn.
    private static let sweepInterval = Duration.milliseconds(250)

    /// `nil` if libcurl cannot be started.
    init?(_ settings: TransferSettings) {
        guard let multi = unsafe curl_multi_init() else { return nil }
        guard let share = unsafe curl_share_init(), unsafe kiln_curl_share_connections(share) == CURLSHE_OK else {
            unsafe curl_multi_cleanup(multi)
            return nil
        }
        self.settings = settings
        unsafe self.multi = unsafe multi
        unsafe guardedConnections = OpaquePointer(share)
        addressGuard = AddressGuard(allowing: settings.allowedNetworks.compactMap { IPNetwork($0) })
        gate = TransferGate(mostInFlight: settings.mostInFlight, mostPerHost: settings.mostPerHost)
        unsafe _ = kiln_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(16, settings.mostInFlight))
    }

    deinit {
        // Handles before what they are bound to.
        idle = []
        guardedIdle = []
        unsafe curl_multi_cleanup(multi)
        unsafe curl_share_cleanup(UnsafeMutableRawPointer(guardedConnections))
    }

    var reference: MultiReference { unsafe MultiReference(multi) }

    /// Returns when the mailbox has been ended; every exchange that it was given has been answered then.
    func run(_ mailbox: TransferMailbox) {
        var commands: [TransferMailbox.Command] = []
        while mailbox.take(into: &commands) {
            for command in commands { obey(command) }
            commands.removeAll(keepingCapacity: true)
            sweep()
            startAdmitted()
            var count: Int32 = 0
            unsafe _ = curl_multi_perform(multi, &count)
            for (easy, code) in ended() { finish(easy, code) }
            startAdmitted()
            unsafe _ = curl_multi_poll(multi, nil, 0, waiting.isEmpty ? 10_000 : 250, nil)
        }
        for command in commands { obey(command) }
        for waiting in waiting.values { waiting.continuation.resume(returning: .failure(.stopped)) }
        waiting = [:]
        for easy in running.values { settle(easy, .failure(.stopped)) }
    }

    private func obey(_ command: TransferMailbox.Command) {
        switch command {
        case .start(let order, let continuation):
            let id = ObjectIdentifier(order.ticket)
            waiting[id] = Waiting(order: order, continuation: continuation)
            gate.arrive(id, at: order.address.origin)
        case .cancel(let id):
            if let easy = running[id] {
                settle(easy, .failure(.stopped))
            } else if let waiting = waiting.removeValue(forKey: id) {
                gate.leave(id)
                waiting.continuation.resume(returning: .failure(.stopped))
            }
        }
    }

    /// Ends those whose time is over before their turn came: nothing of them was sent.
    private func sweep() {
        let now = ContinuousClock.now
        guard !waiting.isEmpty, now >= nextSweep else { return }
        nextSweep = now + Self.sweepInterval
        for (id, late) in waiting where late.order.deadline <= now {
            waiting[id] = nil
            gate.leave(id)
            late.continuation.resume(returning: .failure(.unreachable("no turn in time")))
        }
    }

    private func startAdmitted() {
        while let id = gate.next() {
            guard let waiting = waiting.removeValue(forKey: id) else { continue }
            start(waiting, id)
        }
    }

    private func start(_ waiting: Waiting, _ id: ObjectIdentifier) {
        let isGuarded = waiting.order.request.reach == .guarded
        let used = isGuarded ? guardedIdle.popLast() : idle.popLast()
        guard let easy = unsafe used ?? EasyHandle(sharing: isGuarded ? guardedConnections : nil) else {
            gate.finish(at: waiting.order.address.origin)
            waiting.continuation.resume(returning: .failure(.unreachable("out of memory")))
            return
        }
        running[id] = easy
        let transfer = Transfer(waiting.order, waiting.continuation, guarding: isGuarded ? addressGuard : nil)
        do throws(HTTPFailure) {
            try easy.begin(transfer, settings)
            unsafe _ = curl_multi_add_handle(multi, easy.handle)
        } catch {
            settle(easy, .failure(error))
        }
    }

    /// All whose messages have come: the list is emptied first, since handles must not be added or removed between.
    private func ended() -> [(EasyHandle, CURLcode)] {
        var ended: [(EasyHandle, CURLcode)] = []
        var code = CURLE_OK
        while let handle = unsafe kiln_curl_multi_next_ended(multi, &code) {
            guard let context = unsafe kiln_curl_get_private(handle) else { continue }
            unsafe ended.append((EasyHandle.of(context), code))
        }
        return ended
    }

    private func finish(_ easy: EasyHandle, _ code: CURLcode) {
        guard let transfer = easy.transfer else { return }
        guard code == CURLE_OK || code == CURLE_WRITE_ERROR && transfer.hasEnough else {
            return settle(easy, .failure(transfer.failure(code, easy.failureWords(code))))
        }
        guard transfer.isRedirected, let limit = transfer.order.request.redirectLimit else {
            return settle(easy, transfer.outcome())
        }
        guard transfer.hops < limit else { return settle(easy, .failure(.interrupted("more than \(limit) redirects"))) }
        guard let target = easy.redirectTarget.flatMap({ WebAddress($0) }) else {
            return settle(easy, .failure(.forbiddenAddress("a redirect to what is no web address")))
        }
        unsafe _ = curl_multi_remove_handle(multi, easy.handle)
        transfer.follow(to: target)
        do throws(HTTPFailure) {
            try easy.goOn()
            unsafe _ = curl_multi_add_handle(multi, easy.handle)
        } catch {
            settle(easy, .failure(error))
        }
    }

    /// The exchange's end, whatever it is; the handle is free for another.
    private func settle(_ easy: EasyHandle, _ result: Result<TransferOutcome, HTTPFailure>) {
        guard let transfer = easy.transfer else { return }
        unsafe _ = curl_multi_remove_handle(multi, easy.handle)
        running[ObjectIdentifier(transfer.order.ticket)] = nil
        gate.finish(at: transfer.order.address.origin)
        if case .failure = result { transfer.discard() }
        easy.clear()
        if transfer.guarding != nil { guardedIdle.append(easy) } else { idle.append(easy) }
        transfer.continuation.resume(returning: result)
    }
}

internal import NIOConcurrencyHelpers

/// Lets so many sandboxed programs at a time run, because each may need much; some others wait in line, and not for
/// ever (P6).
///
/// Whose turn it is goes by who has the fewest running, then by who came first: somebody who sends many delays others by
/// one, and takes no more than a part of the line. Where nobody says who they are, all have theirs as they came.
package final class Turns: Sendable {
    /// Why somebody got no turn.
    package enum Refusal: Error, Hashable, Sendable {
        /// Too many wait already.
        case lineIsFull
        /// It did not come in time.
        case tooLate
        /// The task was cancelled.
        case cancelled
    }

    private let line: NIOLockedValueBox<TurnLine>
    private let longestWait: Duration?
    private let sleep: @Sendable (Duration) async throws -> Void

    /// - Parameters:
    ///   - mostOfOne: how many of one source may wait, of the `mostWaiting`.
    ///   - longestWait: `nil`: as long as it takes.
    ///   - sleep: how `longestWait` is waited for; throws only when it is cancelled.
    package init(
        atOnce: Int, mostWaiting: Int = .max, mostOfOne: Int = .max, longestWait: Duration? = nil,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        line = NIOLockedValueBox(
            TurnLine(free: max(1, atOnce), mostWaiting: mostWaiting, mostOfOne: max(1, mostOfOne)))
        self.longestWait = longestWait
        self.sleep = sleep
    }

    /// How many wait now.
    package var waiting: Int { line.withLockedValue(\.waiting) }

    /// Runs `work` when it is its turn.
    ///
    /// - Parameters:
    ///   - source: who wants it.
    ///   - isOwed: whether it finds a place in the line however many wait; for those that are few at a time.
    ///   - refused: what to throw where there is no turn; `work` was not begun then.
    package func run<Value: Sendable, Failure: Error>(
        for source: String? = nil, isOwed: Bool = false, refused: (Refusal) -> Failure,
        _ work: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        if let refusal = await enter(source, isOwed: isOwed) { throw refused(refusal) }
        defer { leave(source) }
        guard !Task.isCancelled else { throw refused(.cancelled) }
        return try await work()
    }

    /// - Returns: `nil` when it is its turn.
    private func enter(_ source: String?, isOwed: Bool) async -> Refusal? {
        let calls: AsyncStream<Void>
        let ticket: UInt64
        switch line.withLockedValue({ $0.enter(source, isOwed: isOwed) }) {
        case .open: return nil
        case .full: return .lineIsFull
        case .wait(let number, let stream): (ticket, calls) = (number, stream)
        }
        await waitForCall(calls)
        // Who is no longer in the line was called, however late it hears of it.
        guard line.withLockedValue({ $0.giveUp(ticket) }) else { return nil }
        return Task.isCancelled ? .cancelled : .tooLate
    }

    /// Returns at the call, at the end of patience, or when the task is cancelled.
    private func waitForCall(_ calls: AsyncStream<Void>) async {
        await withTaskGroup(of: Void.self) { [longestWait, sleep] group in
            group.addTask { for await _ in calls { return } }
            if let longestWait {
                // It throws only when it is cancelled, and then the wait is over too.
                group.addTask { try? await sleep(longestWait) }
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func leave(_ source: String?) {
        line.withLockedValue { $0.leave(source) }?.yield()
    }
}

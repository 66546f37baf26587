import Dispatch
import NIOConcurrencyHelpers
import Storage

/// Holds a thread (never one of the cooperative pool) until a test opens it.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let reached = NIOLockedValueBox(false)

    var isReached: Bool { reached.withLockedValue { $0 } }

    func wait() {
        reached.withLockedValue { $0 = true }
        semaphore.wait()
    }

    func open() {
        semaphore.signal()
    }
}

/// Collects errors of concurrent calls.
final class FailureLog: Sendable {
    private let errors = NIOLockedValueBox<[StorageError]>([])

    var all: [StorageError] { errors.withLockedValue { $0 } }

    func add(_ error: StorageError) {
        errors.withLockedValue { $0.append(error) }
    }
}

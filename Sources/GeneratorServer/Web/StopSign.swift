import NIOConcurrencyHelpers

/// Whether the server is stopping: it takes no more submissions then, and is no longer ready.
final class StopSign: Sendable {
    private let value = NIOLockedValueBox(false)

    var isSet: Bool { value.withLockedValue { $0 } }
    func set() { value.withLockedValue { $0 = true } }
}

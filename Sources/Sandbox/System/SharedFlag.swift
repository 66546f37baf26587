internal import NIOConcurrencyHelpers

/// A flag that one thread raises and another looks at.
final class SharedFlag: Sendable {
    private let value = NIOLockedValueBox(false)

    var isUp: Bool { value.withLockedValue { $0 } }

    func raise() { value.withLockedValue { $0 = true } }
}

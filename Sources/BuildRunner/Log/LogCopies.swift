import NIOConcurrencyHelpers
import Storage

/// Copies under way of runs that are looked at now and then, so that a look reads only what is new. What is not here is
/// read from the run's first byte: slower, and with the same outcome.
final class LogCopies: Sendable {
    /// Each costs some kilobytes, at most some hundred.
    private static let capacity = 2048

    private let copies = NIOLockedValueBox<[LogPart: LogCopy]>([:])

    func take(_ part: LogPart) -> LogCopy? {
        copies.withLockedValue { $0.removeValue(forKey: part) }
    }

    func keep(_ copy: LogCopy, of part: LogPart) {
        copies.withLockedValue { copies in
            if copies.count >= Self.capacity, let any = copies.keys.first { copies[any] = nil }
            copies[part] = copy
        }
    }
}

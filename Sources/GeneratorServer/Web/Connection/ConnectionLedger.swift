import NIOConcurrencyHelpers
import NIOCore

/// How many connections each source (`ClientAddress.source`) has open, so that one address cannot take them all (P6).
final class ConnectionLedger: Sendable {
    private let open = NIOLockedValueBox<[String: Int]>([:])
    private let mostEach: Int
    private let isExempt: @Sendable (_ address: String) -> Bool

    /// - Parameter isExempt: addresses that speak for many: this machine itself, and proxies.
    init(mostEach: Int, isExempt: @escaping @Sendable (_ address: String) -> Bool) {
        self.mostEach = mostEach
        self.isExempt = isExempt
    }

    /// Counts a connection until it closes.
    /// - Returns: `false` if its address has as many as it may.
    func admit(_ channel: any Channel) -> Bool {
        guard let address = channel.remoteAddress?.ipAddress, !isExempt(address) else { return true }
        let key = ClientAddress.source(of: address)
        let isAdmitted = open.withLockedValue { open in
            let count = open[key, default: 0]
            guard count < mostEach else { return false }
            open[key] = count + 1
            return true
        }
        guard isAdmitted else { return false }
        channel.closeFuture.whenComplete { [open] _ in
            open.withLockedValue { open in
                let count = open[key, default: 1] - 1
                open[key] = count > 0 ? count : nil
            }
        }
        return true
    }

    /// Whether it is an address of this machine itself.
    static func isLoopback(_ address: String) -> Bool {
        address == "::1" || address.hasPrefix("127.") || address.hasPrefix("::ffff:127.")
    }
}

/// A connection that is closed unanswered, because its address has too many.
struct TooManyConnections: Error {}

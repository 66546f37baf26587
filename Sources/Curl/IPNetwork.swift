/// Addresses that begin with the same bits.
package struct IPNetwork: Hashable, Sendable {
    package let address: IPAddress
    package let length: Int

    /// CIDR notation (`10.0.0.0/8`, `fd00::/8`), or one address. `nil` if it is neither; bits after the length do not count.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)), !first.utf8.contains(UInt8(ascii: "%"))
        else { return nil }
        let most = if case .v4 = address { 32 } else { 128 }
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(parts[1]), length <= most
            else { return nil }
            self.length = length
        } else {
            length = most
        }
        self.address = address
    }

    package func contains(_ other: IPAddress) -> Bool {
        switch (address, other) {
        case (.v4(let own), .v4(let other)): return Self.match(UInt64(own) << 32, UInt64(other) << 32, length)
        case (.v6(let high, let low), .v6(let otherHigh, let otherLow)):
            return Self.match(high, otherHigh, min(length, 64)) && Self.match(low, otherLow, max(0, length - 64))
        case (.v4, .v6), (.v6, .v4): return false
        }
    }

    private static func match(_ a: UInt64, _ b: UInt64, _ bits: Int) -> Bool {
        bits == 0 || (a ^ b) >> UInt64(64 - bits) == 0
    }
}

/// Where a request may go whose address a requester or an answer chose (`HTTPRequest.Reach.guarded`).
package struct AddressGuard: Sendable {
    private let allowed: [IPNetwork]

    package init(allowing allowed: [IPNetwork] = []) {
        self.allowed = allowed
    }

    package func permits(_ address: IPAddress) -> Bool {
        let plain = address.plain
        return allowed.contains { $0.contains(plain) || $0.contains(address) } || Self.isPublic(plain)
    }

    /// Whether the whole internet means the same by the address.
    ///
    /// IPv4: all but IANA's special-purpose registry (RFC 6890 and what was added since), multicast and the reserved end.
    /// IPv6: of the global unicast space `2000::/3` alone, all but the registry. An address that carries an IPv4 address
    /// which a translator or a tunnel unpacks (mapped, `64:ff9b::/96`, 6to4) is as public as that one.
    package static func isPublic(_ address: IPAddress) -> Bool {
        switch address.plain {
        case .v4(let number):
            return !specialShort.contains { $0.contains(.v4(number)) }
        case .v6(let high, let low):
            if high == 0x0064_FF9B_0000_0000, low >> 32 == 0 { return isPublic(.v4(UInt32(truncatingIfNeeded: low))) }
            if high >> 48 == 0x2002 { return isPublic(.v4(UInt32(truncatingIfNeeded: high >> 16))) }
            return high >> 61 == 0b001 && !specialLong.contains { $0.contains(address) }
        }
    }

    /// https://www.iana.org/assignments/iana-ipv4-special-registry, as of 2026-11-21, without those that are globally
    /// reachable (AS112, AMT), and https://www.iana.org/assignments/multicast-addresses.
    private static let specialShort = [
        "0.0.0.0/8",  // this network
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  // private use
        "100.64.0.0/10",  // shared by carriers
        "127.0.0.0/8",  // loopback
        "169.254.0.0/16",  // link local, and the clouds' metadata
        "192.0.0.0/24",  // protocol assignments
        "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",  // documentation
        "192.88.99.0/24",  // relays of 6to4, given up
        "198.18.0.0/15",  // measurements
        "224.0.0.0/4",  // multicast
        "240.0.0.0/4",  // reserved, and broadcast
    ].compactMap { IPNetwork($0) }

    /// https://www.iana.org/assignments/iana-ipv6-special-registry, as of 2026-11-21: what lies in `2000::/3`. Outside are
    /// `::`, `::1`, `64:ff9b:1::/48`, `100::/64`, `5f00::/16`, `fc00::/7`, `fe80::/10`, `ff00::/8`.
    private static let specialLong = [
        "2001::/23",  // protocol assignments, Teredo among them
        "2001:db8::/32", "3fff::/20",  // documentation
    ].compactMap { IPNetwork($0) }
}

import CCurl
import Glibc

/// An address of the Internet Protocol, as a number.
package enum IPAddress: Hashable, Sendable {
    case v4(UInt32)
    case v6(high: UInt64, low: UInt64)

    /// Dotted decimal or colon-separated as RFC 4291 has it; a zone (`%eth0`) is left out. Other spellings are `nil`.
    package init?(_ text: String) {
        let text = text.prefix { $0 != "%" }
        var bytes = [UInt8](repeating: 0, count: 16)
        let isLong = text.utf8.contains(UInt8(ascii: ":"))
        guard unsafe inet_pton(isLong ? AF_INET6 : AF_INET, String(text), &bytes) == 1 else { return nil }
        self = isLong ? .v6(high: Self.number(bytes[..<8]), low: Self.number(bytes[8...])) : Self.short(bytes[..<4])
    }

    /// What a socket is about to be connected to; `nil` if it is not the internet.
    init?(_ address: UnsafePointer<sockaddr>) {
        let start = unsafe UnsafeRawPointer(address)
        switch Int32(unsafe address.pointee.sa_family) {
        case AF_INET:
            self = unsafe .v4(UInt32(bigEndian: start.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr))
        case AF_INET6:
            // `sin6_addr` begins after family, port and flow (RFC 3493, 3.3).
            self = unsafe .v6(
                high: UInt64(bigEndian: start.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                low: UInt64(bigEndian: start.loadUnaligned(fromByteOffset: 16, as: UInt64.self)))
        default: return nil
        }
    }

    /// An IPv4 address in IPv6's clothes (`::ffff:0:0/96`) without them: to a socket they are the same.
    package var plain: IPAddress {
        guard case .v6(0, let low) = self, low >> 32 == 0xFFFF else { return self }
        return .v4(UInt32(truncatingIfNeeded: low))
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func short(_ bytes: ArraySlice<UInt8>) -> IPAddress {
        .v4(UInt32(truncatingIfNeeded: number(bytes)))
    }
}

extension IPAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .v4(let number):
            return [24, 16, 8, 0].map { String(number >> $0 & 0xFF) }.joined(separator: ".")
        case .v6(let high, let low):
            var bytes = [high.bigEndian, low.bigEndian]
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            guard unsafe inet_ntop(AF_INET6, &bytes, &text, socklen_t(text.count)) != nil else { return "?" }
            return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}

/// An IP address or a CIDR block: `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`.
struct AddressRange: Hashable, Sendable {
    /// 4 or 16 bytes.
    private let bytes: [UInt8]
    private let bits: Int

    /// Reads an address or block; nil if it is none.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let bytes = Self.bytes(of: parts[0]) else { return nil }
        self.bytes = bytes
        guard parts.count == 2 else {
            bits = bytes.count * 8
            return
        }
        guard let bits = Self.decimal(parts[1], most: bytes.count * 8) else { return nil }
        self.bits = bits
    }

    /// Whether the address lies in it; false for what is no address. An IPv4 address written as IPv6
    /// (`::ffff:10.0.0.7`) counts as the IPv4 address.
    func contains(_ address: String) -> Bool {
        guard let other = Self.bytes(of: address[...]), other.count == bytes.count else { return false }
        let whole = bits / 8
        guard other.prefix(whole) == bytes.prefix(whole) else { return false }
        guard bits % 8 > 0 else { return true }
        let shift = 8 - bits % 8
        return other[whole] >> shift == bytes[whole] >> shift
    }

    static func bytes(of text: Substring) -> [UInt8]? {
        guard text.contains(":") else { return four(text) }
        guard let all = sixteen(text) else { return nil }
        let isMapped = all.prefix(10).allSatisfy { $0 == 0 } && all[10] == 0xFF && all[11] == 0xFF
        return isMapped ? Array(all.suffix(4)) : all
    }

    private static func four(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let bytes = parts.compactMap { decimal($0, most: 255).map(UInt8.init) }
        return bytes.count == 4 ? bytes : nil
    }

    private static func decimal(_ text: Substring, most: Int) -> Int? {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            text.utf8.count == 1 || text.first != "0", let number = Int(text), number <= most
        else { return nil }
        return number
    }

    private static func sixteen(_ text: Substring) -> [UInt8]? {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return nil }
        let parts = halves.enumerated().map { groups($1, isLast: $0 == halves.count - 1) }
        guard let front = parts[0] else { return nil }
        if halves.count == 1 { return front.count == 16 ? front : nil }
        guard let back = parts[1], front.count + back.count <= 14 else { return nil }
        return front + [UInt8](repeating: 0, count: 16 - front.count - back.count) + back
    }

    private static func groups(_ text: Substring, isLast: Bool) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if part.contains("."), isLast, index == parts.count - 1 {
                guard let last = four(part) else { return nil }
                bytes += last
            } else {
                guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit),
                    let number = UInt16(part, radix: 16)
                else { return nil }
                bytes += [UInt8(number >> 8), UInt8(number & 0xFF)]
            }
        }
        return bytes.count <= 16 ? bytes : nil
    }
}

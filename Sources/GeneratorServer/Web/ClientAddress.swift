/// Who is at the other end, for limits and logs.
enum ClientAddress {
    /// Walks `X-Forwarded-For` from its end for as long as the speaker is a trusted proxy: the first one that is not is
    /// the client, whatever stands before it.
    static func of(peer: String, forwardedFor: [String], isTrusted: (String) -> Bool) -> String {
        var client = peer
        let hops = forwardedFor.flatMap { $0.split(separator: ",").map { String($0.trimmingASCIISpace()) } }
        for hop in hops.reversed() {
            guard isTrusted(client), isPlausible(hop) else { break }
            client = hop
        }
        return client
    }

    /// Whom limits count together and whom somebody blocks: of an IPv6 address the /64 that one customer usually has, who
    /// would have a fresh address for each submission otherwise.
    static func source(of client: String) -> String {
        guard let bytes = AddressRange.bytes(of: client[...]) else { return client }
        guard bytes.count == 16 else { return bytes.map { "\($0)" }.joined(separator: ".") }
        let groups = stride(from: 0, to: 8, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }
        return groups.joined(separator: ":") + "::"
    }

    private static func isPlausible(_ hop: String) -> Bool {
        (2...45).contains(hop.utf8.count)
            && hop.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                    UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "."), UInt8(ascii: ":"):
                    true
                default: false
                }
            }
    }
}

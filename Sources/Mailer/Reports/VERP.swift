package import Crypto
package import Domain

/// Envelope senders that say which outbox entry a mail belongs to (variable envelope return paths):
/// `bounces+<entry>.<16 hexadecimal digits>@host`. The digits are an HMAC of the entry, so that nobody can make a report
/// about a mail that was not sent to them (P4).
package struct VERP: Sendable {
    /// Where all reports go, before the entry is put in.
    package let address: MailAddress
    private let key: SymmetricKey

    private static let digitCount = 16

    /// Most bytes of the address before its `@`: `+`, an entry's id, `.` and the digits have to fit behind them into the
    /// 64 bytes of a local part (RFC 5321 section 4.5.3.1.1).
    package static let longestName = 64 - 1 - 26 - 1 - digitCount

    /// - Parameter secret: the server's; a key of its own is made of it.
    /// - Returns: `nil` if the address leaves no room for an entry (`longestName`).
    package init?(address: MailAddress, secret: SymmetricKey) {
        self.address = address
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: secret, info: Array("kiln mail bounces".utf8), outputByteCount: 32)
        guard Self.split(address.text)[0].utf8.count <= Self.longestName else { return nil }
    }

    /// The envelope sender of an entry's mail.
    package func sender(of entry: OutboxEntryID) -> MailAddress? {
        let parts = Self.split(address.text)
        return MailAddress("\(parts[0])+\(mark(of: entry))@\(parts[1])")
    }

    /// The entry with its proof, for where there is no address to put it into (`ENVID`, RFC 3461).
    package func mark(of entry: OutboxEntryID) -> String {
        "\(entry).\(code(of: entry).hexText)"
    }

    /// The entry of a recipient's address, if this is one that was made here. Letters of any case: mail servers change it.
    package func entry(ofRecipient text: some StringProtocol) -> OutboxEntryID? {
        guard text.utf8.count <= 320 else { return nil }
        let (own, found) = (Self.split(address.text.lowercased()), Self.split(text.lowercased()))
        guard found.count == 2, own[1] == found[1], found[0].hasPrefix(own[0] + "+") else { return nil }
        return entry(ofMark: found[0].dropFirst(own[0].count + 1))
    }

    /// The entry of `<entry>.<digits>`, if the digits are right.
    package func entry(ofMark text: some StringProtocol) -> OutboxEntryID? {
        guard text.utf8.count == 26 + 1 + Self.digitCount else { return nil }
        let parts = text.lowercased().split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let entry = OutboxEntryID(parts[0]), let shown = [UInt8](hexText: parts[1]) else {
            return nil
        }
        let right = code(of: entry)
        guard shown.count == right.count else { return nil }
        // All of it is looked at, wherever it differs.
        return zip(shown, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0 ? entry : nil
    }

    private func code(of entry: OutboxEntryID) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(entry.text.utf8), using: key).prefix(Self.digitCount / 2))
    }

    /// Local part and host; one part only for what has no host.
    private static func split(_ address: String) -> [String] {
        guard let at = address.lastIndex(of: "@") else { return [address] }
        return [String(address[..<at]), String(address[address.index(after: at)...])]
    }
}

import Domain

/// Where a recipient can stop mails: the `List-Unsubscribe` of RFC 2369, with the one click of RFC 8058 where the page is
/// reached over https, as that wants it.
package struct StopLink: Hashable, Sendable {
    /// The page's address in ASCII.
    package let text: String

    /// A longer one could not stand on a line of its own.
    private static let limit = 900

    /// - Throws: `MailMessageError.badStopLink` for what is no address of a page, is longer than 900 characters, or has a
    ///   host that DNS does not know how to write.
    package init(_ address: String) throws(MailMessageError) {
        guard WebAddress(address) != nil, let ascii = Self.ascii(address), ascii.utf8.count <= Self.limit else {
            throw .badStopLink
        }
        text = ascii
    }

    /// Whether a mail program may stop mails by a POST, without showing the page.
    package var takesOneClick: Bool { text.lowercased().hasPrefix("https:") }

    /// RFC 3987 section 3.1: the host as DNS has it, all else as percent-encoded UTF-8.
    private static func ascii(_ address: String) -> String? {
        if address.utf8.allSatisfy({ $0 < 0x80 }) { return address }
        let parts = address.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3 else { return nil }
        let end = parts[2].firstIndex { ":?#".contains($0) } ?? parts[2].endIndex
        var host = String(parts[2][..<end])
        if !host.utf8.allSatisfy({ $0 < 0x80 }) {
            guard let ascii = HostName.ascii(host) else { return nil }
            host = ascii
        }
        let rest = parts[2][end...] + (parts.count > 3 ? "/" + parts[3] : "")
        return parts[0] + "//" + host + rest.utf8.map(encoded).joined()
    }

    private static func encoded(_ byte: UInt8) -> String {
        byte < 0x80 ? String(UnicodeScalar(byte)) : "%" + [byte].hexText.uppercased()
    }
}

import Crypto
import Domain

/// Says in a message's header, so that it can be checked against the domain's DNS, that the domain answers for it (RFC
/// 6376; Ed25519 as in RFC 8463). With several keys a message has a signature of each.
package struct DKIMSigner: Sendable {
    /// Header fields that are signed where a message has them.
    private static let signed = [
        "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Reply-To", "MIME-Version",
        "Content-Type", "Content-Transfer-Encoding", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post",
    ]
    /// Signed once more than they are there: nobody can add a second one, which some mail programs would show instead.
    private static let closed = ["From", "Subject"]

    /// In ASCII.
    package let domain: String
    package let keys: [DKIMKey]

    /// - Throws: `DKIMError.badDomain`, `.withoutKey`, `.doubleSelector`.
    package init(domain: String, keys: [DKIMKey]) throws(DKIMError) {
        guard let ascii = HostName.ascii(domain), ascii.contains(".") else { throw .badDomain }
        guard !keys.isEmpty else { throw .withoutKey }
        guard Set(keys.map(\.selector)).count == keys.count else { throw .doubleSelector }
        self.domain = ascii
        self.keys = keys
    }

    /// The `DKIM-Signature` fields, to be put before the header.
    ///
    /// - Parameters:
    ///   - head: the message's header.
    ///   - body: what `DKIMBodyDigest` makes of its body.
    ///   - date: when it was written; every try of a mail has the same signatures.
    func fields(head: [UInt8], body: [UInt8], date: Timestamp) throws(DKIMError) -> [UInt8] {
        let present = RelaxedHeader(head)
        let names = Self.signed.filter { present[$0] != nil }
        let lines = names.compactMap { present[$0] }.map { $0 + "\r\n" }.joined()
        var fields = ""
        for key in keys {
            var words = ["v=1;", "a=\(key.algorithm);", "c=relaxed/relaxed;", "d=\(domain);", "s=\(key.selector);"]
            words += ["t=\(date.milliseconds / 1000);"]
            let listed = names + Self.closed
            for (index, name) in listed.enumerated() {
                words.append((index == 0 ? "h=" : "") + name + (index == listed.count - 1 ? ";" : ":"))
            }
            words.append("bh=\(Base64.text(of: body));")
            // Relaxed, its white space is single spaces; its own value is signed as if it were empty.
            let own = "dkim-signature:" + words.joined(separator: " ") + " b="
            let signature = Base64.text(of: try key.signature(of: Array((lines + own).utf8)))
            let name = "DKIM-Signature:"
            words += Self.pieces(of: "b=" + signature)
            fields += name + EncodedWord.folded(words, column: name.utf8.count) + "\r\n"
        }
        return Array(fields.utf8)
    }

    private static func pieces(of text: String) -> [String] {
        var pieces: [String] = []
        var rest = text[...]
        while !rest.isEmpty {
            pieces.append(String(rest.prefix(72)))
            rest = rest.dropFirst(72)
        }
        return pieces
    }
}

/// The fields of a header as RFC 6376 section 3.4.2 has them signed.
private struct RelaxedHeader {
    private var fields: [String: String] = [:]

    init(_ head: [UInt8]) {
        var field: [UInt8] = []
        for line in head.split(separator: 0x0A) {
            if line.first != 0x20, line.first != 0x09 {
                add(field)
                field = []
            }
            // A folded line goes on as if it had not been folded.
            field += line.last == 0x0D ? line.dropLast() : line
        }
        add(field)
    }

    /// `name:value` of a field that the header has, once.
    subscript(name: String) -> String? { fields[name.lowercased()] }

    private mutating func add(_ field: [UInt8]) {
        guard let colon = field.firstIndex(of: 0x3A) else { return }
        let name = String(decoding: field[..<colon], as: UTF8.self).lowercased()
        let words = field[(colon + 1)...].split { $0 == 0x20 || $0 == 0x09 }
        fields[name] = name + ":" + words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }
}

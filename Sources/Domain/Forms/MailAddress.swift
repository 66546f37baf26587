/// A mailbox as RFC 5321 delivers to and people have: dot-atom at host name, both in any script (SMTPUTF8). No display
/// name, comment, quoted local part, route or address literal; nothing that could end a header or an SMTP command.
package struct MailAddress: Hashable, Sendable, CustomStringConvertible {
    /// As it was written, the host in lower case.
    package let text: String
    /// What stands behind the `@`, as DNS and every mail server take it, see `HostName.ascii`.
    package let asciiHost: String

    package init?(_ text: String) {
        guard text.utf8.count <= 254, let at = text.unicodeScalars.lastIndex(of: "@") else { return nil }
        let local = text[..<at]
        let host = text[text.unicodeScalars.index(after: at)...].lowercased()
        guard Self.isDotAtom(local), let asciiHost = HostName.ascii(host), Self.isMailHost(asciiHost) else {
            return nil
        }
        self.text = local + "@" + host
        self.asciiHost = asciiHost
    }

    package var description: String { text }

    /// What stands behind the `@`.
    package var host: Substring {
        text[
            (text.unicodeScalars.lastIndex(of: "@").map { text.unicodeScalars.index(after: $0) } ?? text.startIndex)...]
    }

    /// What stands before the `@`.
    package var local: Substring {
        text[..<(text.unicodeScalars.lastIndex(of: "@") ?? text.startIndex)]
    }

    /// As it stands in the envelope and in headers: the host in ASCII, the local part as it is, which nobody but its own
    /// server may write in another way.
    package var wireText: String { local + "@" + asciiHost }

    /// Whether it can only be written to where SMTPUTF8 (RFC 6531) is spoken: its local part is not ASCII.
    package var needsUTF8: Bool { !local.utf8.allSatisfy { $0 < 0x80 } }

    private static func isDotAtom(_ local: Substring) -> Bool {
        guard (1...64).contains(local.utf8.count), !isEncodedWord(local) else { return false }
        let atoms = local.unicodeScalars.split(separator: ".", omittingEmptySubsequences: false)
        return atoms.allSatisfy { atom in !atom.isEmpty && atom.allSatisfy(isAtomText) }
    }

    /// Mail programs would show what is encoded in it (RFC 2047) instead of the address.
    private static func isEncodedWord(_ local: Substring) -> Bool {
        guard local.utf8.contains(UInt8(ascii: "?")), let start = local.firstRange(of: "=?") else { return false }
        return local[start.upperBound...].contains("?=")
    }

    /// Without `%` and `!`: to many servers `ann%example.org@localhost` and `example.org!ann@localhost` are ways to
    /// ann@example.org, written in as many forms as somebody likes who wants to send more there than may be (P5).
    private static func isAtomText(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "#", "$", "&", "'", "*", "+", "-", "/", "=", "?", "^", "_", "`", "{",
                "|", "}", "~":
                true
            default: false
            }
        }
        return !CheckedText.isForbidden(scalar, isMultiline: false) && !scalar.properties.isWhitespace
            && !scalar.properties.isDefaultIgnorableCodePoint
    }

    /// A name with a dot in it, so that `name@gmail` is caught; `localhost` for trying things out.
    private static func isMailHost(_ host: String) -> Bool {
        guard host.contains(".") || host == "localhost" else { return false }
        let top = host.split(separator: ".").last ?? ""
        return !top.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}

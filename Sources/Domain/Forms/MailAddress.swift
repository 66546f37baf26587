/// A mailbox as RFC 5321 delivers to and people have: dot-atom at host name, both in any script (SMTPUTF8). No display
/// name, comment, quoted local part or address literal; nothing that could end a header or an SMTP command.
package struct MailAddress: Hashable, Sendable, CustomStringConvertible {
    /// As it was written, the host in lower case.
    package let text: String

    package init?(_ text: String) {
        guard text.utf8.count <= 254, let at = text.unicodeScalars.lastIndex(of: "@") else { return nil }
        let local = text[..<at]
        let host = text[text.unicodeScalars.index(after: at)...].lowercased()
        guard Self.isDotAtom(local), Self.isMailHost(host) else { return nil }
        self.text = local + "@" + host
    }

    package var description: String { text }

    /// What stands behind the `@`.
    package var host: Substring {
        text[
            (text.unicodeScalars.lastIndex(of: "@").map { text.unicodeScalars.index(after: $0) } ?? text.startIndex)...]
    }

    private static func isDotAtom(_ local: Substring) -> Bool {
        guard (1...64).contains(local.utf8.count) else { return false }
        let atoms = local.unicodeScalars.split(separator: ".", omittingEmptySubsequences: false)
        return atoms.allSatisfy { atom in !atom.isEmpty && atom.allSatisfy(isAtomText) }
    }

    private static func isAtomText(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                || "!#$%&'*+-/=?^_`{|}~".unicodeScalars.contains(scalar)
        }
        return !CheckedText.isForbidden(scalar, isMultiline: false) && !scalar.properties.isWhitespace
            && !scalar.properties.isDefaultIgnorableCodePoint
    }

    /// A name with a dot in it, so that `name@gmail` is caught; `localhost` for trying things out.
    private static func isMailHost(_ host: String) -> Bool {
        guard HostName.isValid(host[...]), host.contains(".") || host == "localhost" else { return false }
        let top = host.split(separator: ".").last ?? ""
        return !top.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}

/// A mailbox that is safe in an envelope and a header: `local@domain`, no display name, no comments, no folding.
///
/// RFC 5321 section 4.1.2 (Mailbox) without quoted local parts; RFC 6531 for letters beyond ASCII.
package struct MailAddress: Hashable, Sendable, CustomStringConvertible {
    package let local: String
    package let domain: String

    /// - Throws: `MailMessageError.badAddress` for anything that is not a plain mailbox; it is refused, never cleaned.
    package init(_ text: String) throws(MailMessageError) {
        guard let at = text.lastIndex(of: "@"), text.utf8.count <= 254 else { throw .badAddress }
        let local = String(text[..<at])
        let domain = String(text[text.index(after: at)...])
        guard (1...64).contains(local.utf8.count), !domain.isEmpty,
            local.unicodeScalars.allSatisfy(Self.isAtomCharacter), !local.hasPrefix("."), !local.hasSuffix("."),
            !local.contains(".."), domain.unicodeScalars.allSatisfy(Self.isDomainCharacter), !domain.hasPrefix("."),
            !domain.hasSuffix("."), !domain.contains("..")
        else { throw .badAddress }
        self.local = local
        self.domain = domain
    }

    package var description: String { "\(local)@\(domain)" }

    /// `atext` of RFC 5322 and the dot; letters beyond ASCII as RFC 6531 allows, but no controls and no separators.
    private static func isAtomCharacter(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                || ".!#$%&'*+-/=?^_`{|}~".unicodeScalars.contains(scalar)
        }
        return isVisibleBeyondASCII(scalar)
    }

    private static func isDomainCharacter(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "." || scalar == "-"
        }
        return isVisibleBeyondASCII(scalar)
    }

    private static func isVisibleBeyondASCII(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate, .unassigned,
            .privateUse:
            false
        default: true
        }
    }
}

/// A mailbox with a name to show, for `From`.
package struct NamedMailAddress: Hashable, Sendable {
    package var name: HeaderText?
    package var address: MailAddress

    package init(name: HeaderText?, address: MailAddress) {
        self.name = name
        self.address = address
    }

    /// Takes `Name <local@domain>` or `local@domain`, as an operator writes it into the configuration.
    package init(parsing text: String) throws(MailMessageError) {
        guard text.hasSuffix(">"), let open = text.lastIndex(of: "<") else {
            self.init(name: nil, address: try MailAddress(text))
            return
        }
        var name = text[..<open].trimmingSpaces()
        if name.count >= 2, name.hasPrefix("\""), name.hasSuffix("\"") { name = String(name.dropFirst().dropLast()) }
        let address = try MailAddress(String(text[text.index(after: open)...].dropLast()))
        self.init(name: name.isEmpty ? nil : try HeaderText(name), address: address)
    }
}

/// Text that may stand in a header: no CR, LF, NUL or other control characters (P5). Refused, never cleaned.
package struct HeaderText: Hashable, Sendable {
    package let text: String

    package init(_ text: String) throws(MailMessageError) {
        let isClean = text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
        guard isClean, text.utf8.count <= 2000 else { throw .badHeaderText }
        self.text = text
    }
}

/// Why a message cannot be made.
package enum MailMessageError: Error, Hashable, Sendable {
    case badAddress
    case badHeaderText
}

extension StringProtocol {
    func trimmingSpaces() -> String {
        var rest = self[...]
        while rest.first == " " { rest = rest.dropFirst() }
        while rest.last == " " { rest = rest.dropLast() }
        return String(rest)
    }
}

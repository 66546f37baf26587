/// Text that may stand in a header: no CR, LF, NUL or other control characters, nothing that turns the direction of what
/// follows it (P5). Refused, never cleaned.
package struct HeaderText: Hashable, Sendable {
    /// Most bytes, far more than any mail program shows.
    package static let limit = 32 << 10

    package let text: String

    package init(_ text: String) throws(MailMessageError) {
        guard text.utf8.count <= Self.limit, text.unicodeScalars.allSatisfy(Self.isAllowed) else {
            throw .badHeaderText
        }
        self.text = text
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // Most of most headers; no table needs to be asked.
        case 0x20...0x7E: return true
        // Embeddings, overrides and isolates of direction.
        case 0x202A...0x202E, 0x2066...0x2069: return false
        default: break
        }
        return switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: false
        default: !scalar.properties.isNoncharacterCodePoint
        }
    }
}

/// Why a message cannot be made.
package enum MailMessageError: Error, Hashable, Sendable {
    case badAddress
    case badHeaderText
    /// The address of a page at which mails can be stopped cannot stand in a header.
    case badStopLink
    /// A part's content type is none.
    case badContentType
}

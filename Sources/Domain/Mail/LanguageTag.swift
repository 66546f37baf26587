/// A language as BCP 47 (RFC 5646) names it: a language, perhaps with a script or a region, in its usual letters: `en`,
/// `zh-Hans`, `pt-BR`.
package struct LanguageTag: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// `nil` if it is none; letters are put into their usual case.
    package init?(_ text: some StringProtocol) {
        // As nearly all are, and each row that is read has one.
        if (2...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x61...0x7A).contains($0) }) {
            self.text = String(text)
            return
        }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count <= 35, let first = parts.first, (2...3).contains(first.utf8.count),
            first.utf8.allSatisfy(Self.isLetter),
            parts.dropFirst().allSatisfy({ part in
                (2...8).contains(part.utf8.count)
                    && part.utf8.allSatisfy { Self.isLetter($0) || (0x30...0x39).contains($0) }
            })
        else { return nil }
        let rest = parts.dropFirst().map { part in
            switch part.utf8.count {
            case 4: part.prefix(1).uppercased() + part.dropFirst().lowercased()
            case 2: part.uppercased()
            default: part.lowercased()
            }
        }
        self.text = ([first.lowercased()] + rest).joined(separator: "-")
    }

    private init(unchecked text: String) { self.text = text }

    package static let english = LanguageTag(unchecked: "en")

    package var description: String { text }

    /// The tag itself, then without its last part, and so on: `zh-Hans-CN`, `zh-Hans`, `zh` (RFC 4647 section 3.4).
    package var lookup: [LanguageTag] {
        var parts = text.split(separator: "-")
        var tags: [LanguageTag] = []
        while !parts.isEmpty {
            tags.append(LanguageTag(unchecked: parts.joined(separator: "-")))
            parts.removeLast()
        }
        return tags
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}

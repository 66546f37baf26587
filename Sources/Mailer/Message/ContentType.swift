import Domain

/// The `Content-Type` of a part, from somebody who looked at its bytes.
enum ContentType {
    /// Longer than any that is registered.
    private static let limit = 400

    /// The value as it stands behind the colon, a parameter a line where they do not fit one; `nil` if the text is no
    /// content type, or holds anything but printable ASCII.
    static func folded(_ text: String) -> String? {
        let pieces = text.split(separator: ";", omittingEmptySubsequences: false).map { $0.trimmingSpaces() }
        guard text.utf8.count <= limit, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), let kind = pieces.first,
            isKind(kind), pieces.dropFirst().allSatisfy(isParameter)
        else { return nil }
        let words = pieces.enumerated().map { $0.element + ($0.offset < pieces.count - 1 ? ";" : "") }
        return EncodedWord.folded(words, column: "Content-Type:".utf8.count)
    }

    private static func isKind(_ text: String) -> Bool {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        return halves.count == 2 && halves.allSatisfy(isToken)
    }

    /// `name=value`, the value plain or in quotes without any inside.
    private static func isParameter(_ text: String) -> Bool {
        let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, isToken(halves[0]) else { return false }
        let value = halves[1]
        guard value.hasPrefix("\""), value.hasSuffix("\""), value.utf8.count >= 2 else { return isToken(value) }
        return !value.dropFirst().dropLast().contains { $0 == "\"" || $0 == "\\" }
    }

    /// RFC 2045 section 5.1.
    private static func isToken(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"()<>@,;:\\\"/[]?=".utf8.contains($0) }
    }
}

/// The name of a file behind `Content-Disposition` (RFC 2183).
enum FileNameParameter {
    private static let safe = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)

    /// `filename="..."`, or `filename*=` of RFC 2231, in pieces of a line each, where it is long or not ASCII.
    static func text(_ name: HeaderText) -> String {
        let isPlain = name.text.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
        // Readers decode encoded words where there should be none.
        if isPlain, name.text.utf8.count <= 60, !name.text.contains("=?") { return "filename=\"\(name.text)\"" }
        var pieces: [String] = ["UTF-8''"]
        for byte in name.text.utf8 {
            let coded = safe.contains(byte) ? String(UnicodeScalar(byte)) : "%" + [byte].hexText.uppercased()
            if pieces[pieces.count - 1].utf8.count + coded.utf8.count > 55 { pieces.append("") }
            pieces[pieces.count - 1] += coded
        }
        if pieces.count == 1 { return "filename*=" + pieces[0] }
        return pieces.enumerated().map { "filename*\($0.offset)*=\($0.element)" }.joined(separator: ";\r\n ")
    }
}

/// Finds in a decoder's standard error the words that help a visitor.
enum ToolComplaint {
    /// The refusal for what a decoder printed. Warnings are left out, and so is everything that is not plain text.
    static func refusal(for output: [UInt8]) -> PictureError {
        let lines = String(decoding: output, as: UTF8.self).split(whereSeparator: \.isNewline)
        let errors = lines.filter { !$0.contains("VIPS-WARNING") && !$0.contains("unable to write to target") }
        let text = errors.joined(separator: " ").lowercased()
        let signs = [
            "premature end", "unexpected end", "not enough data", "unable to parse", "end of file", "truncated",
        ]
        if signs.contains(where: text.contains) { return .truncated }
        return .notDecodable(reason: reason(from: errors.first.map(String.init) ?? ""))
    }

    private static func reason(from line: String) -> String {
        let plain = line.unicodeScalars.filter { (0x20...0x7E).contains($0.value) }
        let text = String(String.UnicodeScalarView(plain))
        // A line that names a place on disk says nothing to a visitor.
        guard !text.isEmpty, !text.contains("/") else { return "the decoder failed" }
        return text.count > 100 ? "\(text.prefix(97))..." : text
    }
}

/// Attempts' keys (`Attempt.publicKey`) in what people read of a run: its name.
enum AttemptKey {
    /// Whether the key stands in a text, and not as a part of a longer word or number: `b-1` is in `kiln-b-1-arm`, and not
    /// in `b-12` or `b-1-2`.
    static func stands(_ key: String, in text: String) -> Bool {
        text.ranges(of: key).contains { range in
            let before = text[..<range.lowerBound].last
            let after = text[range.upperBound...]
            let isNumbered = after.first == "-" && after.dropFirst().first?.isNumber == true
            return !isNumbered && ![before, after.first].contains { $0.map { $0.isLetter || $0.isNumber } ?? false }
        }
    }
}

import Domain

/// Reads a log line by line: the phase that it is in, and the first real error.
struct LogReader: Sendable {
    private let patterns: LinePatterns
    /// Of the newest line that one of the recipe's patterns matched.
    private(set) var phase: Phase?
    private var recipeError: String?
    private var likelyError: String?

    /// Characters of an error that are kept.
    private static let longestError = 300

    init(_ patterns: LinePatterns) {
        self.patterns = patterns
    }

    /// The recipe's patterns know best; the general ones only help out. `nil`: nothing looks like an error.
    var firstError: String? { recipeError ?? likelyError }

    mutating func read(_ line: String) {
        guard !line.isEmpty else { return }
        if let phase = patterns.phase(of: line) { self.phase = phase }
        if recipeError == nil { recipeError = patterns.error(in: line).flatMap(kept) }
        if likelyError == nil, ErrorLine.isLikely(line.prefix(500)) { likelyError = kept(line) }
    }

    private func kept(_ text: String) -> String? {
        var text = Substring(text)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text.isEmpty ? nil : String(text.prefix(Self.longestError))
    }
}

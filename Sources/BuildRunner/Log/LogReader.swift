import Domain

/// Reads a log line by line: the phase that it is in, the first real error, and the lines around it.
struct LogReader: Sendable {
    /// An error, and what stands around it.
    fileprivate struct Finding: Sendable {
        var line: String
        var context: [String]
        var open = LogReader.linesAfter
    }

    /// Characters of an error that are kept.
    private static let longestError = 300
    private static let linesBefore = 5
    private static let linesAfter = 10
    /// Characters of a line around an error.
    private static let longestContextLine = 240
    /// Of the whole context, as `Failure.context` may have.
    private static let longestContext = 4000

    let patterns: LinePatterns
    /// Of the newest line that one of the recipe's patterns matched.
    private(set) var phase: Phase?
    private var byRecipe: Finding?
    private var byWords: Finding?
    private var byHint: Finding?
    /// Between a headline and the line that it introduces.
    private var headline: ErrorLine?
    private var before: [String] = []

    init(_ patterns: LinePatterns) {
        self.patterns = patterns
    }

    /// The recipe's patterns know best; the general ones only help out. `nil`: nothing looks like an error.
    var firstError: String? { finding?.line }

    /// Up to 5 lines before the first error, the line, up to 10 after it; empty lines are left out.
    var context: String? {
        guard let finding else { return nil }
        var text = finding.context.joined(separator: "\n")
        if text.count > Self.longestContext { text = String(text.prefix(Self.longestContext)) }
        return text
    }

    private var finding: Finding? { byRecipe ?? byWords ?? byHint }

    mutating func read(_ line: String) {
        guard let kept = Self.trimmed(line, to: Self.longestError) else { return }
        if let phase = patterns.phase(of: line) { self.phase = phase }
        let shown = String(Self.withoutEnd(line).prefix(Self.longestContextLine))
        byRecipe?.add(shown)
        byWords?.add(shown)
        byHint?.add(shown)
        if byRecipe == nil, let error = patterns.error(in: line).flatMap({ Self.trimmed($0, to: Self.longestError) }) {
            byRecipe = Finding(line: error, context: before + [shown])
        }
        if byWords == nil { readWords(line, kept, shown) }
        before.append(shown)
        if before.count > Self.linesBefore { before.removeFirst() }
    }

    private mutating func readWords(_ line: String, _ kept: String, _ shown: String) {
        if case .headline(let isIndented) = headline {
            if isIndented, line.first?.isWhitespace == true { return }
            headline = nil
            byWords = Finding(line: kept, context: before + [shown])
            return
        }
        switch ErrorLine(line) {
        case .error:
            byWords = Finding(line: kept, context: before + [shown])
        case .headline(let isIndented):
            headline = .headline(indented: isIndented)
            if byHint == nil { byHint = Finding(line: kept, context: before + [shown]) }
        case .hint:
            if byHint == nil { byHint = Finding(line: kept, context: before + [shown]) }
        case nil:
            break
        }
    }

    private static func trimmed(_ text: String, to length: Int) -> String? {
        let text = withoutEnd(text).drop(while: \.isWhitespace)
        return text.isEmpty ? nil : String(text.prefix(length))
    }

    private static func withoutEnd(_ text: String) -> Substring {
        var text = Substring(text)
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}

extension LogReader.Finding {
    fileprivate mutating func add(_ line: String) {
        guard open > 0 else { return }
        open -= 1
        context.append(line)
    }
}

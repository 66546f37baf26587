import Domain

/// A recipe's patterns over the lines of a log, compiled.
///
/// `@unchecked` because `Regex` lacks the conformance only: it is never changed after it was made here, and its lazy
/// compilation is guarded by the standard library.
final class LinePatterns: @unchecked Sendable {
    private struct PhaseExpression {
        var expression: Regex<AnyRegexOutput>
        var phase: Phase
    }

    /// Patterns look at this many characters of a line, which bounds what a pattern can cost.
    private static let reach = 500

    private let phases: [PhaseExpression]
    private let errors: [Regex<AnyRegexOutput>]

    /// Patterns that are no expressions are left out; loading a recipe reports them.
    init(_ watch: Watch) {
        phases = watch.phases.compactMap { pattern in
            guard let expression = try? Regex(pattern.match) else { return nil }
            return PhaseExpression(
                expression: expression, phase: Phase(label: pattern.label, percent: pattern.percent))
        }
        errors = watch.errors.compactMap { try? Regex($0) }
    }

    /// The phase that a line begins.
    func phase(of line: String) -> Phase? {
        guard !phases.isEmpty else { return nil }
        let seen = Self.seen(line)
        return phases.first { (try? $0.expression.firstMatch(in: seen)) != nil }?.phase
    }

    /// The error that a line tells by the recipe's patterns: the first capture, or the line.
    func error(in line: String) -> String? {
        guard !errors.isEmpty else { return nil }
        let seen = Self.seen(line)
        for expression in errors {
            guard let match = try? expression.firstMatch(in: seen) else { continue }
            if match.output.count > 1, let capture = match.output[1].substring { return String(capture) }
            return String(seen)
        }
        return nil
    }

    private static func seen(_ line: String) -> Substring {
        line.utf8.count <= reach ? line[...] : line.prefix(reach)
    }
}

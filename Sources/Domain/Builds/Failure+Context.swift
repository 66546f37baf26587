extension Failure {
    /// One line of the log around the first error.
    package struct ContextLine: Hashable, Sendable {
        package var text: String
        /// It is the line that the error was found in; at most one is.
        package var isError: Bool
    }

    /// The lines of `context`, with the one marked that `errorLine` is from; empty if there are none beside it.
    package var contextLines: [ContextLine] {
        guard let context, let errorLine else { return [] }
        let lines = context.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count > 1 else { return [] }
        let place =
            lines.firstIndex { Self.trimmed($0) == errorLine } ?? lines.firstIndex { $0.contains(errorLine) }
            // Of a long error the context has only the beginning.
            ?? lines.firstIndex { line in
                let line = Self.trimmed(line)
                return line.count >= 100 && errorLine.hasPrefix(line)
            }
        return lines.enumerated().map { ContextLine(text: $1, isError: $0 == place) }
    }

    private static func trimmed(_ line: String) -> Substring {
        line.drop(while: \.isWhitespace)
    }
}

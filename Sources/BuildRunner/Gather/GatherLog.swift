import NIOConcurrencyHelpers

/// What is written into the build's log about its fetching: bounded, one line a fact.
final class GatherLog: Sendable {
    private static let mostLines = 400

    private let state = NIOLockedValueBox((lines: [String](), leftOut: 0))

    func say(_ line: String) {
        state.withLockedValue { state in
            if state.lines.count < Self.mostLines {
                state.lines.append(line.shownLine(limit: 1000))
            } else {
                state.leftOut += 1
            }
        }
    }

    var text: String {
        let (lines, leftOut) = state.withLockedValue { $0 }
        let rest = leftOut > 0 ? ["... and \(leftOut) more"] : []
        return (lines + rest).map { $0 + "\n" }.joined()
    }
}

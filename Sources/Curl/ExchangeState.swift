import NIOConcurrencyHelpers

/// What libcurl's callbacks write to while an exchange runs; used by one thread at a time.
final class ExchangeState: Sendable {
    private struct Answer {
        var status = 0
        var headers: [String: String] = [:]
        var stopped = false
    }

    private let answer = NIOLockedValueBox(Answer())
    private let progress: @Sendable (Int64, Int64) -> Void
    private let sink: @Sendable (Int, [UInt8]) -> Bool

    init(
        progress: @escaping @Sendable (Int64, Int64) -> Void, sink: @escaping @Sendable (Int, [UInt8]) -> Bool
    ) {
        self.progress = progress
        self.sink = sink
    }

    var headers: [String: String] { answer.withLockedValue { $0.headers } }
    var wasStopped: Bool { answer.withLockedValue { $0.stopped } }

    /// One line of an answer's head; a status line begins the next answer (after a 100 or a redirect).
    func header(_ line: String) {
        answer.withLockedValue { answer in
            if line.hasPrefix("HTTP/") {
                answer.headers = [:]
                answer.status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            } else if let colon = line.firstIndex(of: ":") {
                let value = line[line.index(after: colon)...].trimmingWhitespace()
                answer.headers[line[..<colon].lowercased()] = value
            }
        }
    }

    /// Part of a body. A redirect's own body is nobody's.
    func body(_ bytes: [UInt8]) -> Bool {
        let status = answer.withLockedValue { $0.status }
        if (300..<400).contains(status) { return true }
        guard sink(status, bytes) else {
            answer.withLockedValue { $0.stopped = true }
            return false
        }
        return true
    }

    func sent(_ bytes: Int64, of total: Int64) {
        progress(bytes, total)
    }
}

/// A body that is wanted whole, up to a limit.
final class CollectedBody: Sendable {
    private let collected = NIOLockedValueBox<[UInt8]>([])
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    var bytes: [UInt8] { collected.withLockedValue { $0 } }

    func append(_ bytes: [UInt8]) -> Bool {
        collected.withLockedValue { collected in
            guard collected.count + bytes.count <= limit else { return false }
            collected += bytes
            return true
        }
    }
}

extension StringProtocol {
    fileprivate func trimmingWhitespace() -> String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return String(rest)
    }
}

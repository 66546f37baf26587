import Foundation
import Domain
import Logging
import Storage

/// The log on standard error: a line of text, or a JSON object a line, for each event.
struct LogOutput: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let label: String
    private let isJSON: Bool

    init(label: String, level: Logger.Level, isJSON: Bool) {
        self.label = label
        self.isJSON = isJSON
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let more = event.metadata { all.merge(more) { _, new in new } }
        let time = SystemWallClock().now().description
        let pairs = all.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        let line =
            isJSON
            ? json([("time", time), ("level", event.level.rawValue), ("message", "\(event.message)")] + pairs)
            : text(time, event.level, "\(event.message)", pairs)
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    private func text(
        _ time: String, _ level: Logger.Level, _ message: String, _ pairs: [(String, String)]
    ) -> String {
        let rest = pairs.map { " \($0.0)=\(Self.quotedIfNeeded($0.1))" }.joined()
        return "\(time) \(level.rawValue.uppercased()) \(Self.oneLine(message))\(rest)"
    }

    private func json(_ pairs: [(String, String)]) -> String {
        JSON.object(pairs.map { JSON.Member(name: $0.0, value: .string($0.1)) }).text
    }

    /// What came from outside cannot begin a line of its own.
    private static func oneLine(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }

    private static func quotedIfNeeded(_ text: String) -> String {
        let line = oneLine(text)
        return line.contains(" ") || line.contains("\"") || line.isEmpty
            ? "\"" + line.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\"" : line
    }
}

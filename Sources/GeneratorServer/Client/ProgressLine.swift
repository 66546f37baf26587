import Foundation

/// What `kiln build` shows on standard error: one line that is redrawn on a terminal, a line for each change elsewhere.
final class ProgressLine {
    private let isTerminal: Bool
    private let started = ContinuousClock.now
    private var turn = 0
    private var last = ""
    private static let wheel = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]

    init(isTerminal: Bool = isatty(STDERR_FILENO) == 1) {
        self.isTerminal = isTerminal
    }

    func show(_ build: RemoteBuild) {
        let percent = build.phase?.percent
        var words = Self.words(build)
        if let place = build.queue?.position {
            words += place == 1 ? ", next in the queue" : ", number \(place) in the queue"
        }
        if let eta = build.queue?.eta_seconds { words += ", ready in \(Wording.about(seconds: eta))" }
        show(words, percent: percent)
    }

    func show(_ words: String, percent: Int?) {
        guard isTerminal else {
            let line = percent.map { "\($0)% \(words)" } ?? words
            if line != last { write(line + "\n") }
            last = line
            return
        }
        turn += 1
        let bar = percent.map { Self.bar($0) + " " } ?? ""
        let seconds = Int((ContinuousClock.now - started).components.seconds)
        let text = "\(Self.wheel[turn % Self.wheel.count]) \(bar)\(words)  \(seconds) s"
        write("\r\u{1B}[2K" + String(text.prefix(100)))
        last = text
    }

    /// A line that stays.
    func say(_ line: String) {
        write((isTerminal && !last.isEmpty ? "\r\u{1B}[2K" : "") + line + "\n")
        last = ""
    }

    private static func words(_ build: RemoteBuild) -> String {
        if let label = build.phase?.label { return label }
        switch build.state {
        case "queued": return "Waiting"
        case "triggering": return "Starting"
        case "running": return "Building"
        case "collecting": return "Collecting the files"
        case "verifying": return "Trying it out"
        default: return build.state
        }
    }

    private static func bar(_ percent: Int) -> String {
        let full = min(max(percent, 0), 100) / 5
        let done = String(repeating: "█", count: full)
        let left = String(repeating: "░", count: 20 - full)
        return "\(done)\(left) \(percent)%"
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}

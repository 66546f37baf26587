import Foundation

/// What `kiln build` shows on standard error: one line that is redrawn on a terminal, a line for each change elsewhere.
final class ProgressLine {
    private let isTerminal: Bool
    private let started: ContinuousClock.Instant
    private var turn: Int = 0
    private var last: String = ""
    private static let wheel: [String] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
    private static let clearLine: String = "\r\u{1B}[2K"

    init() {
        isTerminal = isatty(STDERR_FILENO) == 1
        started = ContinuousClock.now
    }

    func show(_ build: RemoteBuild) {
        var words: String = Self.words(build)
        if let targets = build.targets {
            words.append(", \(targets.count(where: \.hasEnded)) of \(targets.count) have ended")
        }
        if let place = build.queue?.position {
            words.append(place == 1 ? ", next in the queue" : ", number \(place) in the queue")
        }
        if let eta = build.queue?.eta_seconds {
            words.append(", ready in \(Wording.about(seconds: eta))")
        }
        show(words, percent: build.phase?.percent)
    }

    func show(_ words: String, percent: Int?) {
        if isTerminal {
            redraw(words, percent: percent)
            return
        }
        var line = words
        if let percent { line = "\(percent)% \(words)" }
        if line != last { emit("\(line)\n") }
        last = line
    }

    /// A line that stays.
    func say(_ line: String) {
        let isDrawn = isTerminal && !last.isEmpty
        emit(isDrawn ? "\(Self.clearLine)\(line)\n" : "\(line)\n")
        last = ""
    }

    private func redraw(_ words: String, percent: Int?) {
        turn += 1
        let sign: String = Self.wheel[turn % Self.wheel.count]
        let elapsed: Duration = ContinuousClock.now - started
        var text: String = "\(sign) "
        if let percent { text.append("\(Self.bar(percent)) ") }
        text.append("\(words)  \(elapsed.components.seconds) s")
        last = String(text.prefix(100))
        emit("\(Self.clearLine)\(last)")
    }

    private static func words(_ build: RemoteBuild) -> String {
        if let label = build.phase?.label { return label }
        if build.confirm_by != nil { return "Waiting for the address to be confirmed: follow the link in the mail" }
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
        let full: Int = min(max(percent, 0), 100) / 5
        let done = String(repeating: "█", count: full)
        let left = String(repeating: "░", count: 20 - full)
        return "\(done)\(left) \(percent)%"
    }

    private func emit(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}

/// What looks like an error in any tool's log: compilers and linkers, cargo, make, CMake, Gradle, apt and dpkg, npm,
/// shells, Python, containers, and the CIs' own words. Used where the recipe's own patterns found nothing.
enum ErrorLine: Hashable, Sendable {
    /// What went wrong, as the tool says it.
    case error
    /// Only that something did: counts while nothing better is found.
    case hint
    /// Introduces the error. `indented`: the lines of the trace between are indented (Python).
    case headline(indented: Bool)

    /// Bytes of a line that are looked at (P6).
    private static let reach = 500

    /// `nil`: the line tells of no error.
    init?(_ line: some StringProtocol) {
        let raw = Array(line.utf8.prefix(Self.reach))[...].drop { $0 == 0x20 || $0 == 0x09 }
        let text = raw.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }[...]
        guard text.count > 1, !Self.starts(text, with: Self.harmless) else { return nil }
        if Self.starts(text, with: Self.hints) || Self.isFailedTask(text) {
            self = .hint
        } else if text.starts(with: "traceback (".utf8) {
            self = .headline(indented: true)
        } else if text.starts(with: "* what went wrong".utf8) {
            self = .headline(indented: false)
        } else if Self.starts(text, with: Self.beginnings) || Self.holdsPhrase(text) || Self.holdsError(text)
            || Self.isException(text) || Self.isShout(Array(raw))
        {
            self = .error
        } else {
            return nil
        }
    }

    // MARK: - Words

    /// Warnings, notes, and a shell that says what it is about to do.
    private static let harmless = words([
        "warning", "w: ", "npm warn", "note:", "info:", "[info]", "[warn", "debug:", "[debug]", "+ ", "++ ",
        "##[warning]", "##[debug]", "::warning", "::debug", "checking ", "-- ", "i: ", "n: ", "ign:",
    ])
    private static let hints = words([
        "failure: build failed", "build failed", "failed: ", "##[error]process completed with exit code",
        "error: job failed", "ninja: build stopped", "error: process completed with exit code",
        "error: command failed with exit code", "error: script returned exit code",
    ])
    private static let beginnings = words([
        "e: ", "err:", "err!", "npm err!", "npm error", "fatal:", "fatal error", "failure:", "dpkg: error", "panic:",
        "exception in thread", "execution failed for task", "##[error]", "::error", "[error]", "cmake error",
        "error response from daemon", "error during connect", "--- fail:", "kernel panic", "exec format error",
        "goroutine 1 [", "error! ",
    ])
    private static let phrases: [[[UInt8]]] = {
        var table = [[[UInt8]]](repeating: [], count: 256)
        for phrase in words([
            ": fatal error:", " : fatal :", " : failure :", ": command not found", ": no such file or directory",
            ": permission denied", ": not found", ": read-only file system", "no space left on device",
            "cannot allocate memory", "out of memory", "segmentation fault", "core dumped", "*** [",
            "*** no rule to make target", "undefined reference to", "undefined symbol", "ld: cannot find ",
            "unable to locate package", "unmet dependencies", "could not resolve host", "syntax error",
            ": cannot execute", "bad substitution", "bad interpreter", ": unbound variable", ": parameter not set",
            "kernel panic", "error response from daemon", "failed to solve:", "manifest unknown",
            "permission denied (publickey)", "oom-kill", "bus error", ": killed", "' panicked at", "fatal: ",
        ]) {
            if let first = phrase.first { table[Int(first)].append(phrase) }
        }
        return table
    }()

    private static func words(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }

    // MARK: - Looks

    private static func starts(_ text: ArraySlice<UInt8>, with words: [[UInt8]]) -> Bool {
        words.contains { text.starts(with: $0) }
    }

    private static func holdsPhrase(_ text: ArraySlice<UInt8>) -> Bool {
        for place in text.indices {
            for phrase in phrases[Int(text[place])] where text[place...].starts(with: phrase) { return true }
        }
        return false
    }

    /// Gradle's `> Task :app:compile FAILED`.
    private static func isFailedTask(_ text: ArraySlice<UInt8>) -> Bool {
        text.starts(with: "> task ".utf8) && text.suffix(7).elementsEqual(" failed".utf8)
    }

    /// The word `error` as a tool uses it to report one: `error:`, `error[E0382]`, `error TS2322:`, `ERROR 404:`.
    private static func holdsError(_ text: ArraySlice<UInt8>) -> Bool {
        let word = Array("error".utf8)
        var place = text.startIndex
        while let found = text[place...].firstIndex(of: word[0]) {
            place = found + 1
            guard text[found...].starts(with: word) else { continue }
            if found > text.startIndex, isWordByte(text[found - 1]) { continue }
            if isReport(after: text[(found + word.count)...], before: text[..<found]) { return true }
        }
        return false
    }

    private static func isReport(after: ArraySlice<UInt8>, before: ArraySlice<UInt8>) -> Bool {
        switch after.first {
        case UInt8(ascii: ":"):
            let said = after.dropFirst().filter { $0 != 0x20 && $0 != UInt8(ascii: ".") }
            if nothings.contains(where: { said.elementsEqual($0) }) { return false }
            return !negations.contains { before.reversed().starts(with: $0.reversed()) }
        case UInt8(ascii: "["):
            return after.dropFirst().first == UInt8(ascii: "e")
        case UInt8(ascii: " "):
            // Up to six letters, then digits, then a colon.
            let code = after.dropFirst().prefix { isLetter($0) }
            let digits = after[(after.startIndex + 1 + code.count)...].prefix { isDigit($0) }
            return code.count <= 6 && digits.count >= 2 && after.dropFirst(1 + code.count + digits.count).first == 0x3A
        default:
            return false
        }
    }

    private static let nothings = words(["", "0", "no", "none", "null", "nil", "false", "handled"])
    private static let negations = words(["no ", "without ", "0 ", "last ", "on ", "ignore ", "ignoring "])

    /// `ValueError: ...`, `java.lang.IllegalStateException: ...` at the line's beginning.
    private static func isException(_ text: ArraySlice<UInt8>) -> Bool {
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let name = text[..<colon]
        guard name.count > 5, name.count <= 120, text[colon...].dropFirst().first == 0x20,
            name.allSatisfy({ isLetter($0) || isDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") })
        else { return false }
        return name.suffix(5).elementsEqual("error".utf8) || name.suffix(9).elementsEqual("exception".utf8)
    }

    /// What is only an error because of its capitals: yarn's `error Command`, pytest's `FAILED tests/`, the shell's `Killed`.
    private static func isShout(_ raw: [UInt8]) -> Bool {
        if raw.elementsEqual("Killed".utf8) { return true }
        if raw.starts(with: "FAILED ".utf8) { return true }
        guard raw.starts(with: "error ".utf8) || raw.starts(with: "ERROR ".utf8), raw.count > 7 else { return false }
        return (0x41...0x5A).contains(raw[6]) && raw[6...].contains(0x20)
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// What makes another word of `error`: `liberror`, `-Werror`, `no-error`, `my.error`.
    private static func isWordByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "=")
    }
}

/// What looks like an error in any tool's log: compilers, apt and dpkg, make, shells, npm, Gradle, Python, the kernel.
enum ErrorLine {
    /// Whether a line tells of an error; used where the recipe's own patterns found none.
    static func isLikely(_ line: some StringProtocol) -> Bool {
        let bytes = line.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        let text = bytes.drop { $0 == 0x20 || $0 == 0x09 }
        if beginnings.contains(where: { text.starts(with: $0) }) { return true }
        return phrases.contains { holds($0, in: text) }
    }

    private static let beginnings: [[UInt8]] = [
        "e: ", "error ", "error:", "error[", "err!", "fatal:", "fatal error", "npm err!", "failure:", "traceback (",
        "dpkg: error", "panic:", "exception in thread", "execution failed for task", "* what went wrong",
    ].map { Array($0.utf8) }

    private static let phrases: [[UInt8]] = [
        ": error:", " error: ", ": fatal error:", ": error ", "]: error", ": command not found",
        ": no such file or directory", ": permission denied", ": not found", ": read-only file system",
        "no space left on device", "cannot allocate memory", "out of memory", "segmentation fault", "core dumped",
        "*** [", "*** no rule to make target", "undefined reference to", "unable to locate package",
        "unmet dependencies", "could not resolve host", "syntax error", "cannot execute", "bad substitution",
        ": unbound variable", "kernel panic",
    ].map { Array($0.utf8) }

    private static func holds(_ phrase: [UInt8], in text: ArraySlice<UInt8>) -> Bool {
        guard let first = phrase.first, text.count >= phrase.count else { return false }
        for place in text.startIndex...(text.endIndex - phrase.count)
        where text[place] == first && text[place...].starts(with: phrase) {
            return true
        }
        return false
    }
}

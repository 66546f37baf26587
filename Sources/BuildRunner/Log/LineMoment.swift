/// The moment that GitHub, GitLab, Gitea and Forgejo write before each line of a log: `2026-01-02T03:04:05.6789012Z`.
enum LineMoment {
    /// Its bytes, without the blank behind it; 0 if the line begins with none.
    static func length(_ line: ArraySlice<UInt8>) -> Int {
        let from = line.startIndex
        guard line.count >= 20, line[from + 4] == UInt8(ascii: "-"), line[from + 7] == UInt8(ascii: "-"),
            line[from + 10] == UInt8(ascii: "T"), line[from + 13] == UInt8(ascii: ":"),
            line[from + 16] == UInt8(ascii: ":")
        else { return 0 }
        var at = from + 19
        if line[at] == UInt8(ascii: ".") {
            at += 1
            while at < line.endIndex, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(line[at]) { at += 1 }
        }
        guard at < line.endIndex, line[at] == UInt8(ascii: "Z") else { return 0 }
        return at + 1 - from
    }
}

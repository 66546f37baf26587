/// Makes GitHub's log lines what the run wrote: the moment before each line and the byte order mark go, `##[group]`
/// becomes a heading. What comes out depends on the bytes alone, never on how they were cut.
struct GitHubLogLines {
    /// A line of this many bytes is handed on in pieces.
    private static let longestLine = 64 << 10
    private static let group = Array("##[group]".utf8)
    private static let groupEnd = Array("##[endgroup]".utf8)

    private var rest: [UInt8] = []
    private var isWithinLine = false
    private var isAtStart = true

    mutating func take(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = rest + bytes
        if isAtStart, bytes.count >= 3 {
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
            isAtStart = false
        }
        var made: [UInt8] = []
        made.reserveCapacity(bytes.count)
        var start = 0
        while let end = bytes[start...].place(of: 0x0A) {
            add(bytes[start...end], to: &made)
            isWithinLine = false
            start = end + 1
        }
        rest = Array(bytes[start...])
        if rest.count >= Self.longestLine {
            add(rest[...], to: &made)
            isWithinLine = true
            rest = []
        }
        return made
    }

    /// The line that was left without an end, with one.
    mutating func finish() -> [UInt8] {
        if rest.starts(with: [0xEF, 0xBB, 0xBF]), isAtStart { rest.removeFirst(3) }
        defer { self = GitHubLogLines() }
        var made: [UInt8] = []
        if !rest.isEmpty { add(rest[...], to: &made) }
        if !made.isEmpty || isWithinLine { made.append(UInt8(ascii: "\n")) }
        return made
    }

    private func add(_ line: ArraySlice<UInt8>, to made: inout [UInt8]) {
        guard !isWithinLine else {
            made += line
            return
        }
        let text = line.dropFirst(Self.momentCount(line))
        if text.first == UInt8(ascii: "#") {
            if text.starts(with: Self.groupEnd) { return }
            if text.starts(with: Self.group) {
                made += "== ".utf8
                made += text.dropFirst(Self.group.count)
                return
            }
        }
        made += text
    }

    /// Bytes of the moment and the blank behind it; 0 if the line begins with none.
    private static func momentCount(_ line: ArraySlice<UInt8>) -> Int {
        let length = LineMoment.length(line)
        guard length > 0, let next = line.dropFirst(length).first else { return 0 }
        switch next {
        case UInt8(ascii: " "): return length + 1
        case UInt8(ascii: "\n"): return length
        default: return 0
        }
    }
}

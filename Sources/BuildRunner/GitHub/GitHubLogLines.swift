import Glibc

/// Makes GitHub's log lines what the run wrote: the moment before each line and the byte order mark go, `##[group]`
/// becomes a heading. What comes out depends on the bytes alone, never on how they were cut.
struct GitHubLogLines {
    /// A line of this many bytes is handed on in pieces.
    private static let longestLine = 64 << 10
    /// `2026-11-21T15:04:05.1234567Z `
    private static let longestMoment = 40
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
        while let end = bytes[start...].firstNewline {
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

    /// Bytes of the moment and the space behind it; 0 if the line begins with none.
    private static func momentCount(_ line: ArraySlice<UInt8>) -> Int {
        let start = line.startIndex
        guard line.count > 20, line[start + 4] == UInt8(ascii: "-"), line[start + 7] == UInt8(ascii: "-"),
            line[start + 10] == UInt8(ascii: "T"), line[start + 13] == UInt8(ascii: ":"),
            line[start + 16] == UInt8(ascii: ":")
        else { return 0 }
        let head = line.prefix(longestMoment)
        guard let z = head.firstIndex(of: UInt8(ascii: "Z")), z + 1 < line.endIndex,
            line[z + 1] == UInt8(ascii: " ") || line[z + 1] == UInt8(ascii: "\n")
        else { return 0 }
        return z + 1 - start + (line[z + 1] == UInt8(ascii: " ") ? 1 : 0)
    }
}

extension ArraySlice<UInt8> {
    /// Searched by the C library: logs are long.
    fileprivate var firstNewline: Int? {
        unsafe withUnsafeBytes { bytes -> Int? in
            guard let base = bytes.baseAddress, let found = unsafe memchr(base, 0x0A, bytes.count) else { return nil }
            return unsafe startIndex + (UnsafeRawPointer(found) - base)
        }
    }
}

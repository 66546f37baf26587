import Glibc

/// Makes a job's raw log readable: GitLab's section markers and the moments before each line (GitLab's, Gitea's and
/// Forgejo's) go. What comes out depends on the bytes alone, never on how they were cut into pieces.
struct JobLogFilter: Sendable {
    enum Dialect: Hashable, Sendable {
        case gitlab, gitea
    }

    /// A longer line is cut, so that memory is bounded (P6).
    private static let longestLine = 64 << 10
    private static let marker = Array("section_".utf8)
    private static let markerEnd = Array("\r\u{1B}[0K".utf8)
    private static let longestMarker = 512

    private let dialect: Dialect
    /// The line that has not ended.
    private var rest: [UInt8] = []
    private var isInsideLine = false
    /// Whether lines begin with a moment; the first one decides.
    private var hasMoments: Bool?

    init(_ dialect: Dialect) {
        self.dialect = dialect
    }

    /// The lines that these bytes complete.
    mutating func take(_ bytes: [UInt8]) -> [UInt8] {
        let block = rest.isEmpty ? bytes : rest + bytes
        var clean: [UInt8] = []
        clean.reserveCapacity(block.count)
        var end = block.count
        while end > 0, block[end - 1] != 0x0A { end -= 1 }
        if hasMoments == nil, let first = firstLine(of: block) { hasMoments = prefix(of: first) > 0 }
        if end > 0 {
            if hasMoments == false, !isInsideLine, dialect == .gitea || !Self.holdsMarker(block) {
                clean += block[..<end]
            } else {
                appendLines(of: block, upTo: end, to: &clean)
            }
            isInsideLine = false
        }
        rest = Array(block[end...])
        while rest.count >= Self.longestLine {
            append(Array(rest.prefix(Self.longestLine)), to: &clean)
            rest.removeFirst(Self.longestLine)
        }
        return clean
    }

    /// What was left without a line's end; it gets one, so that the next job's log begins on a line of its own.
    mutating func finish() -> [UInt8] {
        var clean: [UInt8] = []
        if hasMoments == nil { hasMoments = prefix(of: rest[...]) > 0 }
        let wasInsideLine = isInsideLine
        if !rest.isEmpty { append(rest, to: &clean) }
        if !clean.isEmpty || wasInsideLine { clean.append(0x0A) }
        rest = []
        isInsideLine = false
        return clean
    }

    private func firstLine(of block: [UInt8]) -> ArraySlice<UInt8>? {
        if let end = block.firstIndex(of: 0x0A) { return block[..<end] }
        return block.count >= Self.longestLine ? block[...] : nil
    }

    private mutating func appendLines(of block: [UInt8], upTo end: Int, to clean: inout [UInt8]) {
        var start = 0
        while start < end {
            let length = Self.lineLength(block, from: start, to: end)
            // As long lines are cut where they come in two pieces, they are cut where they come in one.
            var at = start
            while start + length - at > Self.longestLine {
                append(Array(block[at..<(at + Self.longestLine)]), to: &clean)
                at += Self.longestLine
            }
            append(Array(block[at..<(start + length)]), to: &clean)
            isInsideLine = false
            start += length
        }
    }

    /// One line, or a piece of a long one.
    private mutating func append(_ line: [UInt8], to clean: inout [UInt8]) {
        let start = isInsideLine || hasMoments != true ? 0 : prefix(of: line[...])
        isInsideLine = true
        var text = line[start...]
        while dialect == .gitlab, let found = Self.marker(in: text) {
            clean += text[..<found.lowerBound]
            text = text[found.upperBound...]
        }
        clean += text
    }

    /// Bytes of the moment before a line: `2026-01-02T03:04:05.6789012Z `, at GitLab with a stream behind: `00O `.
    private func prefix(of line: ArraySlice<UInt8>) -> Int {
        let from = line.startIndex
        guard line.count >= 21, line[from + 4] == UInt8(ascii: "-"), line[from + 7] == UInt8(ascii: "-"),
            line[from + 10] == UInt8(ascii: "T"), line[from + 13] == UInt8(ascii: ":"),
            line[from + 16] == UInt8(ascii: ":")
        else { return 0 }
        var at = from + 19
        if line[at] == UInt8(ascii: ".") {
            at += 1
            while at < line.endIndex, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(line[at]) { at += 1 }
        }
        guard at + 1 < line.endIndex, line[at] == UInt8(ascii: "Z"), line[at + 1] == 0x20 else { return 0 }
        at += 2
        guard dialect == .gitlab else { return at - from }
        guard at + 3 < line.endIndex, [UInt8(ascii: "O"), UInt8(ascii: "E")].contains(line[at + 2]),
            [UInt8(ascii: " "), UInt8(ascii: "+")].contains(line[at + 3])
        else { return 0 }
        return at + 4 - from
    }

    /// `section_start:1560896352:name[collapsed=true]` or `section_end:...`, with the erased line behind it.
    private static func marker(in text: ArraySlice<UInt8>) -> Range<Int>? {
        var from = text.startIndex
        while let start = find(marker, anchor: 7, in: text[from...]) {
            let reach = text[start...].prefix(longestMarker)
            let name = reach.dropFirst(marker.count)
            if name.starts(with: "start:".utf8) || name.starts(with: "end:".utf8),
                let end = find(markerEnd, anchor: 0, in: reach), !reach[start..<end].contains(0x0A)
            {
                return start..<(end + markerEnd.count)
            }
            from = start + marker.count
        }
        return nil
    }

    /// Where a pattern begins. Its byte at `anchor` is looked for first: one that is rare in logs.
    private static func find(_ pattern: [UInt8], anchor: Int, in text: ArraySlice<UInt8>) -> Int? {
        unsafe text.withUnsafeBytes { text -> Int? in
            guard let base = text.baseAddress, text.count >= pattern.count else { return nil }
            var at = anchor
            let last = text.count - pattern.count + anchor
            while at <= last, let found = unsafe memchr(base + at, CInt(pattern[anchor]), last - at + 1) {
                at = unsafe UnsafeRawPointer(found) - base
                if unsafe memcmp(base + at - anchor, pattern, pattern.count) == 0 { return at - anchor }
                at += 1
            }
            return nil
        }.map { $0 + text.startIndex }
    }

    private static func holdsMarker(_ block: [UInt8]) -> Bool { find(marker, anchor: 7, in: block[...]) != nil }

    /// Bytes of the line at `start`, its end included.
    private static func lineLength(_ block: [UInt8], from start: Int, to end: Int) -> Int {
        unsafe block.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress,
                let found = unsafe memchr(base + start, 0x0A, end - start)
            else { return end - start }
            return unsafe UnsafeRawPointer(found) - (base + start) + 1
        }
    }
}

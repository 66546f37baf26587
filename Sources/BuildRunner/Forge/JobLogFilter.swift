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

    /// Bytes of the moment before a line and the blank behind it, at GitLab with a stream behind that: `00O `.
    private func prefix(of line: ArraySlice<UInt8>) -> Int {
        let length = LineMoment.length(line)
        let rest = line.dropFirst(length)
        guard length > 0, rest.first == UInt8(ascii: " ") else { return 0 }
        guard dialect == .gitlab else { return length + 1 }
        let stream = Array(rest.dropFirst().prefix(4))
        guard stream.count == 4, [UInt8(ascii: "O"), UInt8(ascii: "E")].contains(stream[2]),
            [UInt8(ascii: " "), UInt8(ascii: "+")].contains(stream[3])
        else { return 0 }
        return length + 5
    }

    /// `section_start:1560896352:name[collapsed=true]` or `section_end:...`, with the erased line behind it.
    private static func marker(in text: ArraySlice<UInt8>) -> Range<Int>? {
        var from = text.startIndex
        while let start = text[from...].place(of: marker, anchor: 7) {
            let reach = text[start...].prefix(longestMarker)
            let name = reach.dropFirst(marker.count)
            if name.starts(with: "start:".utf8) || name.starts(with: "end:".utf8),
                let end = reach.place(of: markerEnd, anchor: 0), !reach[start..<end].contains(0x0A)
            {
                return start..<(end + markerEnd.count)
            }
            from = start + marker.count
        }
        return nil
    }

    private static func holdsMarker(_ block: [UInt8]) -> Bool { block[...].place(of: marker, anchor: 7) != nil }

    /// Bytes of the line at `start`, its end included.
    private static func lineLength(_ block: [UInt8], from start: Int, to end: Int) -> Int {
        block[start..<end].place(of: 0x0A).map { $0 + 1 - start } ?? end - start
    }
}

/// A line in the making: its bytes, and where which style begins.
struct StyledLine: Sendable {
    /// Changes of style that one line may have; more make a picture and no text (P6).
    private static let mostMarks = 256

    private(set) var bytes: [UInt8] = []
    /// Of the first byte.
    private var first: TextStyle
    /// Ascending; each holds from its place on.
    private var marks: [(place: Int, style: TextStyle)] = []

    init(style: TextStyle) {
        first = style
    }

    mutating func append(_ byte: UInt8, _ style: TextStyle) {
        if style != (marks.last?.style ?? first) {
            if bytes.isEmpty {
                first = style
            } else if marks.count < Self.mostMarks {
                marks.append((bytes.count, style))
            }
        }
        bytes.append(byte)
    }

    mutating func restart(style: TextStyle) {
        bytes.removeAll(keepingCapacity: true)
        marks.removeAll(keepingCapacity: true)
        first = style
    }

    /// Takes out what may not stay. A stretch that was replaced has the style of its beginning.
    mutating func redact(_ redaction: Redaction) {
        let found = redaction.matches(in: bytes)
        guard !found.isEmpty else { return }
        var result: [UInt8] = []
        var moved: [(place: Int, style: TextStyle)] = []
        var rest = marks[...]
        var copied = 0
        for match in found {
            while let mark = rest.first, mark.place <= match.range.lowerBound {
                moved.append((result.count + mark.place - copied, mark.style))
                rest.removeFirst()
            }
            result += bytes[copied..<match.range.lowerBound]
            result += match.replacement
            copied = match.range.upperBound
            var last: TextStyle?
            while let mark = rest.first, mark.place <= copied {
                last = mark.style
                rest.removeFirst()
            }
            if let last { moved.append((result.count, last)) }
        }
        moved += rest.map { (result.count + $0.place - copied, $0.style) }
        bytes = result + bytes[copied...]
        marks = moved
    }

    /// Takes the bytes before `cut` out.
    mutating func split(at cut: Int) -> LogLine {
        var head = self
        head.bytes = Array(bytes[..<cut])
        head.marks = marks.filter { $0.place < cut }
        first = marks.last { $0.place <= cut }?.style ?? first
        marks = marks.filter { $0.place > cut }.map { ($0.place - cut, $0.style) }
        bytes = Array(bytes[cut...])
        return head.shown
    }

    var shown: LogLine {
        var runs: [(bytes: ArraySlice<UInt8>, style: TextStyle)] = []
        var begin = 0
        var style = first
        for mark in marks {
            // A style begins with a character, never within one.
            var place = max(mark.place, begin)
            while place < bytes.count, bytes[place] & 0xC0 == 0x80 { place += 1 }
            runs.append((bytes[begin..<place], style))
            begin = place
            style = mark.style
        }
        runs.append((bytes[begin...], style))
        return LogLine(runs)
    }
}

/// The text part as people read it: lines of at most 78 columns where words allow, no runs of empty lines.
enum TextLayout {
    static let width = 78

    static func laidOut(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var laid: [UInt8] = []
        laid.reserveCapacity(bytes.count + 256)
        var isAfterEmpty = false
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let line = line.last == 0x0D ? line.dropLast() : line
            guard !line.allSatisfy({ $0 == 0x20 }) else {
                isAfterEmpty = !laid.isEmpty
                continue
            }
            if isAfterEmpty { laid.append(0x0A) }
            isAfterEmpty = false
            // Most lines fit: they are not looked at character by character.
            if line.count <= width {
                laid += line
                laid.append(0x0A)
                continue
            }
            for line in wrapped(String(decoding: line, as: UTF8.self)[...]) {
                laid += line.utf8
                laid.append(0x0A)
            }
        }
        return laid.isEmpty ? "\n" : String(decoding: laid, as: UTF8.self)
    }

    /// One line in as many as it needs, those after the first indented a little more. Lines of a log, addresses and
    /// checksums stay whole.
    private static func wrapped(_ line: Substring) -> [String] {
        let indent = line.prefix { $0 == " " }
        let body = line[indent.endIndex...]
        guard columns(line) > width, !body.hasPrefix("| "), !body.hasPrefix("> ") else { return [String(line)] }
        let hanging = indent.isEmpty ? "" : indent + "  "
        var lines: [String] = []
        var current = String(indent)
        var used = indent.count
        for piece in pieces(body) {
            let size = columns(piece)
            let trailing = piece.last == " " ? 1 : 0
            if used + size - trailing > width, used > hanging.count {
                lines.append(withoutTrailingSpaces(current))
                current = String(hanging)
                used = hanging.count
            }
            current += piece
            used += size
        }
        lines.append(withoutTrailingSpaces(current))
        return lines
    }

    /// What may not be broken: words with the space after them, and East Asian characters, one by one, with what may
    /// not begin a line.
    private static func pieces(_ text: Substring) -> [Substring] {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return words(text) }
        var pieces: [Substring] = []
        var start = text.startIndex
        var index = text.startIndex
        while index < text.endIndex {
            let character = text[index]
            let next = text.index(after: index)
            let mayBreak: Bool
            if next == text.endIndex {
                mayBreak = true
            } else if character == " " {
                mayBreak = text[next] != " "
            } else {
                mayBreak =
                    character.columns == 2 && !opens.contains(character) && !closes.contains(text[next])
                    && text[next] != " "
            }
            if mayBreak {
                pieces.append(text[start..<next])
                start = next
            }
            index = next
        }
        return pieces
    }

    /// The same for ASCII, of which no character needs to be looked at by its properties.
    private static func words(_ text: Substring) -> [Substring] {
        let bytes = text.utf8
        var words: [Substring] = []
        var start = bytes.startIndex
        var isAfterSpace = false
        for place in bytes.indices {
            let isSpace = bytes[place] == 0x20
            if isAfterSpace, !isSpace {
                words.append(text[start..<place])
                start = place
            }
            isAfterSpace = isSpace
        }
        if start < bytes.endIndex { words.append(text[start...]) }
        return words
    }

    private static let closes: Set<Character> = [
        "，", "。", "、", "；", "：", "？", "！", "）", "」", "』", "》", "…", ".", ",", ")",
    ]
    private static let opens: Set<Character> = ["（", "「", "『", "《"]

    private static func columns(_ text: Substring) -> Int {
        text.utf8.allSatisfy({ $0 < 0x80 }) ? text.utf8.count : text.reduce(0) { $0 + $1.columns }
    }

    private static func withoutTrailingSpaces(_ text: String) -> String {
        var text = text[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

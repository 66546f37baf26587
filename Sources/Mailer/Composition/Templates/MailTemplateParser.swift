/// Reads a mustache text. Tags that stand on a line of their own leave no line behind, by the rules of the mustache
/// specification as swift-mustache has them.
struct MailTemplateParser {
    private let bytes: [UInt8]
    private var place = 0

    init(_ source: String) {
        bytes = Array(source.utf8)
    }

    /// The pieces up to the end of the section, or of the text.
    mutating func pieces(of section: String?, atLineStart: Bool) throws(MailTemplateFault) -> [MailTemplate.Piece] {
        var pieces: [MailTemplate.Piece] = []
        var isLineStart = atLineStart
        var blank: ArraySlice<UInt8> = []
        func add(_ text: ArraySlice<UInt8>) {
            guard !text.isEmpty else { return }
            if case .text(let before)? = pieces.last {
                pieces[pieces.count - 1] = .text(before + text)
            } else {
                pieces.append(.text(Array(text)))
            }
        }
        while place < bytes.count {
            if isLineStart { blank = readBlank() }
            let text = readText()
            if let end = lineEnd(at: place) {
                add(blank + text + bytes[place..<end])
                place = end
                isLineStart = true
                continue
            }
            if !text.isEmpty {
                add(blank + text)
                blank = []
                isLineStart = false
            }
            guard place < bytes.count else { break }
            place += 2
            let sign = place < bytes.count ? bytes[place] : 0
            var isAlone = false
            switch sign {
            case UInt8(ascii: "#"), UInt8(ascii: "^"), UInt8(ascii: "/"):
                place += 1
                let name = try readName()
                isAlone = isLineStart && endsLine()
                if !isAlone {
                    add(blank)
                    blank = []
                }
                guard sign != UInt8(ascii: "/") else {
                    guard name == section else { throw MailTemplateFault() }
                    return pieces
                }
                let inside = try self.pieces(of: name, atLineStart: isAlone)
                let isInverted = sign == UInt8(ascii: "^")
                pieces.append(isInverted ? .inverted(MailName(name), inside) : .section(MailName(name), inside))
            case UInt8(ascii: "!"), UInt8(ascii: "%"):
                guard let end = firstEnd() else { throw MailTemplateFault() }
                place = end
                isAlone = isLineStart && endsLine()
            case UInt8(ascii: ">"):
                place += 1
                let name = try readName()
                add(blank)
                isAlone = isLineStart && endsLine()
                pieces.append(.partial(name, indentation: isAlone ? Array(blank) : nil))
                blank = []
            case UInt8(ascii: "{"), UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: "$"), UInt8(ascii: "="):
                throw MailTemplateFault()
            default:
                add(blank)
                blank = []
                pieces.append(.value(MailName(try readName())))
            }
            isLineStart = isAlone
        }
        guard section == nil else { throw MailTemplateFault() }
        return pieces
    }

    private mutating func readBlank() -> ArraySlice<UInt8> {
        let start = place
        while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x09 { place += 1 }
        return bytes[start..<place]
    }

    /// Up to a tag or the line's end.
    private mutating func readText() -> ArraySlice<UInt8> {
        let start = place
        while place < bytes.count, lineEnd(at: place) == nil, !isPair(UInt8(ascii: "{"), at: place) { place += 1 }
        return bytes[start..<place]
    }

    /// Behind the line break that is there; `nil` if none is.
    private func lineEnd(at place: Int) -> Int? {
        guard place < bytes.count else { return nil }
        if bytes[place] == 0x0A { return place + 1 }
        return bytes[place] == 0x0D && place + 1 < bytes.count && bytes[place + 1] == 0x0A ? place + 2 : nil
    }

    private func isPair(_ byte: UInt8, at place: Int) -> Bool {
        place + 1 < bytes.count && bytes[place] == byte && bytes[place + 1] == byte
    }

    /// Behind the next `}}`.
    private func firstEnd() -> Int? {
        var end = place
        while end + 1 < bytes.count {
            if isPair(UInt8(ascii: "}"), at: end) { return end + 2 }
            end += 1
        }
        return nil
    }

    /// A tag's name, and its end.
    private mutating func readName() throws(MailTemplateFault) -> String {
        guard let end = firstEnd() else { throw MailTemplateFault() }
        let name = String(decoding: bytes[place..<end - 2], as: UTF8.self)
        place = end
        let trimmed = name.split(whereSeparator: \.isWhitespace)
        guard trimmed.count == 1, trimmed[0].utf8.allSatisfy(Self.isOfName) else { throw MailTemplateFault() }
        return String(trimmed[0])
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "?"), UInt8(ascii: "*"), UInt8(ascii: "/"):
            true
        default: false
        }
    }

    /// Whether only blanks are left of the line; if so, goes to the next one.
    private mutating func endsLine() -> Bool {
        guard place < bytes.count else { return true }
        var end = place
        while end < bytes.count, bytes[end] == 0x20 || bytes[end] == 0x09 { end += 1 }
        guard let next = lineEnd(at: end) else { return false }
        place = next
        return true
    }
}

import Domain

/// The grammar of RFC 8259 over bytes that are known to be UTF-8. Every call reads one thing and throws if it is not there.
struct JSONReader {
    private static let maxDepth = 32

    private let bytes: [UInt8]
    private var place = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether only white space is left.
    var isAtEnd: Bool {
        bytes[place...].allSatisfy(Self.isSpace)
    }

    /// The first byte of the next value.
    mutating func peek() throws(IntakeError) -> UInt8 {
        skipSpace()
        guard place < bytes.count else { throw .malformed(.json) }
        return bytes[place]
    }

    mutating func readObject(
        _ member: (String, inout JSONReader) throws(IntakeError) -> Void
    ) throws(IntakeError) {
        try expect(UInt8(ascii: "{"))
        if try take(UInt8(ascii: "}")) { return }
        repeat {
            guard try peek() == UInt8(ascii: "\"") else { throw .malformed(.json) }
            let name = try readString()
            try expect(UInt8(ascii: ":"))
            try member(name, &self)
        } while try take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
    }

    mutating func readArray(_ element: (inout JSONReader) throws(IntakeError) -> Void) throws(IntakeError) {
        try expect(UInt8(ascii: "["))
        if try take(UInt8(ascii: "]")) { return }
        repeat { try element(&self) } while try take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
    }

    mutating func readWord(_ word: StaticString) throws(IntakeError) {
        for byte in word.description.utf8 {
            guard place < bytes.count, bytes[place] == byte else { throw .malformed(.json) }
            place += 1
        }
    }

    /// A string; half of a surrogate pair becomes U+FFFD.
    mutating func readString() throws(IntakeError) -> String {
        try expect(UInt8(ascii: "\""))
        var text: [UInt16] = []
        var plain = place
        var result = ""
        func flush(_ reader: borrowing JSONReader) {
            result += String(decoding: text, as: UTF16.self)
            text = []
            result += String(decoding: reader.bytes[plain..<reader.place], as: UTF8.self)
        }
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                flush(self)
                place += 1
                return result
            case UInt8(ascii: "\\"):
                if plain < place { flush(self) }
                place += 1
                text.append(try readEscape())
                plain = place
            case 0..<0x20: throw .malformed(.json)
            default: place += 1
            }
        }
        throw .malformed(.json)
    }

    /// A number, with the digits that were sent.
    mutating func readNumber() throws(IntakeError) -> String {
        let start = place
        if place < bytes.count, bytes[place] == UInt8(ascii: "-") { place += 1 }
        let whole = readDigits()
        guard whole.count == 1 || whole.count > 1 && whole.first != UInt8(ascii: "0") else { throw .malformed(.json) }
        if place < bytes.count, bytes[place] == UInt8(ascii: ".") {
            place += 1
            guard !readDigits().isEmpty else { throw .malformed(.json) }
        }
        if place < bytes.count, bytes[place] | 0x20 == UInt8(ascii: "e") {
            place += 1
            if place < bytes.count, bytes[place] == UInt8(ascii: "-") || bytes[place] == UInt8(ascii: "+") {
                place += 1
            }
            guard !readDigits().isEmpty else { throw .malformed(.json) }
        }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    /// The bytes of the next value, whatever it is.
    mutating func readRawValue() throws(IntakeError) -> [UInt8] {
        skipSpace()
        let start = place
        try skipValue(depth: 0)
        return Array(bytes[start..<place])
    }

    mutating func skipValue(depth: Int) throws(IntakeError) {
        guard depth < Self.maxDepth else { throw .malformed(.json) }
        switch try peek() {
        case UInt8(ascii: "{"):
            try readObject { _, reader throws(IntakeError) in try reader.skipValue(depth: depth + 1) }
        case UInt8(ascii: "["): try readArray { reader throws(IntakeError) in try reader.skipValue(depth: depth + 1) }
        case UInt8(ascii: "\""): _ = try readString()
        case UInt8(ascii: "t"): try readWord("true")
        case UInt8(ascii: "f"): try readWord("false")
        case UInt8(ascii: "n"): try readWord("null")
        default: _ = try readNumber()
        }
    }
}

extension JSONReader {
    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private mutating func skipSpace() {
        while place < bytes.count, Self.isSpace(bytes[place]) { place += 1 }
    }

    private mutating func take(_ byte: UInt8) throws(IntakeError) -> Bool {
        guard try peek() == byte else { return false }
        place += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(IntakeError) {
        guard try take(byte) else { throw .malformed(.json) }
    }

    private mutating func readDigits() -> ArraySlice<UInt8> {
        let start = place
        while place < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[place]) { place += 1 }
        return bytes[start..<place]
    }

    /// What follows a backslash, as UTF-16.
    private mutating func readEscape() throws(IntakeError) -> UInt16 {
        guard place < bytes.count else { throw .malformed(.json) }
        let kind = bytes[place]
        place += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt16(kind)
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "u"):
            guard place + 4 <= bytes.count else { throw .malformed(.json) }
            var unit: UInt16 = 0
            for byte in bytes[place..<place + 4] {
                guard let digit = byte.hexDigit else { throw .malformed(.json) }
                unit = unit << 4 | UInt16(digit)
            }
            place += 4
            return unit
        default: throw .malformed(.json)
        }
    }
}

/// An environment variable as Travis wants it: `NAME=value`, of which the value is pasted into a bash script as it is,
/// after a parser of Travis' own has cut the line into words (P5).
enum TravisVariable {
    /// `nil` for a name that is none.
    ///
    /// The value is a bare word, or `$'...'` with everything but the plainest characters as octal bytes: it has no
    /// space, quote or line break in it that the parser and bash could take differently (the customary `'\''` breaks Travis'
    /// parser, and what follows it becomes code). A zero byte, which no variable can hold, is left out.
    static func line(_ name: String, _ value: String) -> String? {
        guard isName(name) else { return nil }
        let bytes = value.utf8.filter { $0 != 0 }
        if !bytes.isEmpty, bytes.allSatisfy(isPlain) { return "\(name)=\(String(decoding: bytes, as: UTF8.self))" }
        let quoted = bytes.map { byte in
            if isPlain(byte) { return String(Unicode.Scalar(byte)) }
            let octal = String(byte, radix: 8)
            return "\\" + String(repeating: "0", count: 3 - octal.count) + octal
        }
        return "\(name)=$'\(quoted.joined())'"
    }

    static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !isDigit(first) else { return false }
        return name.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "@"),
            UInt8(ascii: "%"), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: "-"):
            true
        default: isLetter(byte) || isDigit(byte)
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

/// Headers in ASCII: RFC 2047 encoded words for what is not, folded lines for what is long (RFC 5322 section 2.2.3).
enum EncodedWord {
    /// Most characters of a line, its CRLF not counted (RFC 5322 section 2.1.1).
    static let lineLimit = 78

    /// `name: value` with its final CRLF, the value as unstructured text.
    static func header(_ name: String, _ value: HeaderText) -> String {
        name + ":" + folded(words(of: value.text), column: name.utf8.count + 1) + "\r\n"
    }

    /// Words to be set with a space before each: plain ones as they are, others encoded.
    static func words(of text: String) -> [String] {
        let plain = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        let isPlain = plain.allSatisfy { word in
            !word.isEmpty && word.utf8.count < 70 && word.utf8.allSatisfy { (0x21...0x7E).contains($0) }
                && !word.hasPrefix("=?")
        }
        return isPlain ? plain : encoded(text)
    }

    /// The text as RFC 2047 B words of at most 64 characters (a first one fits beside `Subject:`), none of which splits a character.
    static func encoded(_ text: String) -> [String] {
        var words: [String] = []
        var piece: [UInt8] = []
        func close() {
            guard !piece.isEmpty else { return }
            words.append("=?UTF-8?B?" + Base64.text(of: piece) + "?=")
            piece = []
        }
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if piece.count + bytes.count > 39 { close() }
            piece += bytes
        }
        close()
        return words
    }

    /// The words, each with a space before it, broken so that no line passes the limit where it can be helped.
    static func folded(_ words: [String], column start: Int) -> String {
        var text = ""
        var column = start
        for (index, word) in words.enumerated() {
            if index > 0, column + 1 + word.utf8.count > lineLimit {
                text += "\r\n"
                column = 0
            }
            text += " " + word
            column += 1 + word.utf8.count
        }
        return text
    }

    /// A name for people before an address: encoded words, a plain atom, or a quoted string (RFC 5322 section 3.2.4).
    static func phrase(_ name: HeaderText) -> [String] {
        let isASCII = name.text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        guard isASCII, name.text.utf8.count < 60 else { return encoded(name.text) }
        let escaped = name.text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
        return ["\"" + String(escaped) + "\""]
    }
}

/// RFC 4648 base64.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func text(of bytes: some Collection<UInt8>) -> String {
        String(decoding: encode(bytes), as: UTF8.self)
    }

    static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count + 2) / 3 * 4)
        var triple: (UInt32, Int) = (0, 0)
        for byte in bytes {
            triple = (triple.0 << 8 | UInt32(byte), triple.1 + 1)
            if triple.1 == 3 {
                for shift in [18, 12, 6, 0] as [UInt32] { output.append(alphabet[Int(triple.0 >> shift & 63)]) }
                triple = (0, 0)
            }
        }
        if triple.1 == 1 {
            output += [alphabet[Int(triple.0 >> 2)], alphabet[Int(triple.0 << 4 & 63)], 0x3D, 0x3D]
        } else if triple.1 == 2 {
            output += [
                alphabet[Int(triple.0 >> 10)], alphabet[Int(triple.0 >> 4 & 63)], alphabet[Int(triple.0 << 2 & 63)],
                0x3D,
            ]
        }
        return output
    }
}

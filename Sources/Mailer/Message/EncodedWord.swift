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
                && !word.contains("=?")
        }
        return isPlain ? plain : encoded(text)
    }

    /// Most bytes of text in an encoded word: with them it has 64 characters, so that a first one fits beside `Subject:`.
    private static let wordBytes = 39

    /// The text as RFC 2047 B words. None of them splits what a reader sees as one character (a letter with its marks, an
    /// emoji of several people), unless that is longer than a word may be; none ever splits a code point.
    static func encoded(_ text: String) -> [String] {
        var words: [String] = []
        var piece: [UInt8] = []
        func add(_ bytes: some Collection<UInt8>) {
            if piece.count + bytes.count > wordBytes { close() }
            piece += bytes
        }
        func close() {
            guard !piece.isEmpty else { return }
            words.append("=?UTF-8?B?" + Base64.text(of: piece) + "?=")
            piece = []
        }
        for character in text {
            let bytes = character.utf8
            if bytes.count <= wordBytes {
                add(bytes)
            } else {
                for scalar in character.unicodeScalars { add(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter) }
            }
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

    /// A name for people before an address: encoded words, or a quoted string (RFC 5322 section 3.2.4).
    static func phrase(_ name: HeaderText) -> [String] {
        let isASCII = name.text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        // Readers decode encoded words even where quotes say that there is none.
        guard isASCII, !name.text.contains("=?") else { return encoded(name.text) }
        let escaped = name.text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
        return escaped.count <= 68 ? ["\"" + String(escaped) + "\""] : encoded(name.text)
    }
}

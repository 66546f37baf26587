/// RFC 2045 section 6.7: text as ASCII in lines of at most 76 characters.
enum QuotedPrintable {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Takes text with any line ends and gives lines that end with CRLF.
    static func encode(_ text: String) -> [UInt8] {
        var bytes = Array(text.utf8)
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + bytes.count / 4 + 64)
        if bytes.last == 0x0A { bytes.removeLast() }
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            encode(line: line.last == 0x0D ? line.dropLast() : line, into: &output)
            output += [0x0D, 0x0A]
        }
        return output
    }

    private static func encode(line: ArraySlice<UInt8>, into output: inout [UInt8]) {
        var column = 0
        var place = line.startIndex
        while place < line.endIndex {
            // What stands for itself goes in one piece, as far as the line has place; the last byte has rules of its own.
            if column > 0 || !isTrap(line[place...]) {
                let most = min(line.endIndex - 1, place + 75 - column)
                var end = place
                while end < most, isPlain(line[end]) { end += 1 }
                if end > place {
                    output += line[place..<end]
                    column += end - place
                    place = end
                    continue
                }
            }
            defer { place += 1 }
            let byte = line[place]
            let isLast = place == line.endIndex - 1
            let isBlank = byte == 0x20 || byte == 0x09
            let isLiteral = (0x21...0x7E).contains(byte) && byte != 0x3D || isBlank && !isLast
            if column + (isLiteral ? 1 : 3) > (isLast ? 76 : 75) {
                output += [0x3D, 0x0D, 0x0A]
                column = 0
            }
            if isLiteral, column > 0 || !isTrap(line[place...]) {
                output.append(byte)
                column += 1
            } else {
                output += [0x3D, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                column += 3
            }
        }
    }

    /// It stands for itself within a line.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte <= 0x7E && byte != 0x3D || byte == 0x09
    }

    /// A line that begins with `From ` or a dot is encoded there: mailbox files and SMTP give both a meaning.
    private static func isTrap(_ rest: ArraySlice<UInt8>) -> Bool {
        rest.first == 0x2E || rest.starts(with: "From ".utf8)
    }
}

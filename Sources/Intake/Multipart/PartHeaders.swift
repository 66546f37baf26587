import Domain

/// What a part says of itself; nothing of it is trusted.
package struct PartHeaders: Hashable, Sendable {
    package var name: String
    /// The claimed file name as it was sent; `nil` if the part is not a file. Empty where a browser's file input was.
    package var fileName: String?

    package init(name: String, fileName: String? = nil) {
        self.name = name
        self.fileName = fileName
    }

    /// Reads the header lines of a part, each ended by CRLF, the empty line not included.
    init(lines: ArraySlice<UInt8>) throws(IntakeError) {
        var disposition: HeaderValue?
        for line in Self.unfolded(lines) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                line[..<colon].allSatisfy(\.isHeaderToken)
            else { throw .malformed(.headerInvalid) }
            let value = line[(colon + 1)...].trimmed
            switch String(decoding: line[..<colon], as: UTF8.self).lowercased() {
            case "content-disposition":
                guard disposition == nil, let read = HeaderValue(value), read.main == "form-data" else {
                    throw .malformed(.dispositionInvalid)
                }
                disposition = read
            case "content-type":
                if String(decoding: value, as: UTF8.self).lowercased().hasPrefix("multipart/") {
                    throw .malformed(.nestedForm)
                }
            case "content-transfer-encoding":
                guard ["7bit", "8bit", "binary"].contains(String(decoding: value, as: UTF8.self).lowercased()) else {
                    throw .malformed(.transferEncoding)
                }
            default: break
            }
        }
        guard let disposition else { throw .malformed(.dispositionMissing) }
        guard let name = disposition["name"] else { throw .malformed(.nameMissing) }
        guard let name = String(validating: Self.percentDecoded(name), as: UTF8.self) else {
            throw .malformed(.nameNotText)
        }
        self.name = name
        if let extended = disposition["filename*"].flatMap(Self.extendedValue) {
            fileName = extended
        } else {
            // A name in another encoding is still a name: what is not UTF-8 becomes U+FFFD.
            fileName = disposition["filename"].map { String(decoding: Self.percentDecoded($0), as: UTF8.self) }
        }
    }

    /// The lines with their continuations (a leading space or tab) joined on by one space.
    private static func unfolded(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if line.first?.isHeaderSpace == true, let last = lines.popLast() {
                lines.append(ArraySlice(last + [UInt8(ascii: " ")] + line.trimmed))
            } else {
                lines.append(line)
            }
        }
        return lines
    }

    /// Undoes what browsers do to names, and only that: `%22`, `%0D` and `%0A` (the HTML standard, multipart/form-data
    /// encoding); every other percent sign is the user's own.
    private static func percentDecoded(_ bytes: [UInt8]) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var place = 0
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "%"), place + 2 < bytes.count, let high = bytes[place + 1].hexDigit,
                let low = bytes[place + 2].hexDigit, [0x22, 0x0D, 0x0A].contains(high << 4 | low)
            {
                decoded.append(high << 4 | low)
                place += 3
            } else {
                decoded.append(bytes[place])
                place += 1
            }
        }
        return decoded
    }

    /// `UTF-8'language'percent-encoded` (RFC 8187); `nil` if it is not well formed or in another encoding.
    private static func extendedValue(_ bytes: [UInt8]) -> String? {
        let pieces = bytes.split(separator: UInt8(ascii: "'"), maxSplits: 2, omittingEmptySubsequences: false)
        guard pieces.count == 3 else { return nil }
        var decoded: [UInt8] = []
        var place = pieces[2].startIndex
        while place < pieces[2].endIndex {
            let byte = bytes[place]
            if byte == UInt8(ascii: "%") {
                guard place + 2 < pieces[2].endIndex, let high = bytes[place + 1].hexDigit,
                    let low = bytes[place + 2].hexDigit
                else { return nil }
                decoded.append(high << 4 | low)
                place += 3
            } else {
                decoded.append(byte)
                place += 1
            }
        }
        switch String(decoding: pieces[0], as: UTF8.self).lowercased() {
        case "utf-8": return String(validating: decoded, as: UTF8.self)
        case "iso-8859-1": return String(String.UnicodeScalarView(decoded.map { Unicode.Scalar($0) }))
        default: return nil
        }
    }
}

/// Finds the root element of an XML text behind its declaration, comments, instructions and document type.
enum SVGRoot {
    private static let namespace = Array("http://www.w3.org/2000/svg".utf8)

    /// True if the root element is called `svg` (with or without a prefix) and the SVG namespace is named up to the end
    /// of its tag (drawing programs name it in an entity of the document type).
    static func isSVG(_ bytes: [UInt8]) -> Bool {
        var at = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while true {
            while at < bytes.count, isSpace(bytes[at]) { at += 1 }
            guard at < bytes.count, bytes[at] == UInt8(ascii: "<") else { return false }
            if has("<!--", bytes, at) {
                guard let end = find("-->", bytes, from: at + 4) else { return false }
                at = end
            } else if has("<?", bytes, at) {
                guard let end = find("?>", bytes, from: at + 2) else { return false }
                at = end
            } else if has("<!DOCTYPE", bytes, at) {
                guard let end = endOfDocumentType(bytes, from: at) else { return false }
                at = end
            } else {
                return isRoot(bytes, at: at + 1)
            }
        }
    }

    private static func isRoot(_ bytes: [UInt8], at start: Int) -> Bool {
        let name = bytes[start...].prefix { !isSpace($0) && $0 != UInt8(ascii: ">") && $0 != UInt8(ascii: "/") }
        let local = name.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false).last ?? []
        guard local.elementsEqual("svg".utf8), let end = find(">", bytes, from: start) else { return false }
        return find(namespace, bytes[..<end], from: 0) != nil
    }

    /// The document type ends at the first `>` outside its bracketed subset and its quotes.
    private static func endOfDocumentType(_ bytes: [UInt8], from start: Int) -> Int? {
        var depth = 0
        var quote: UInt8?
        for at in start..<bytes.count {
            let byte = bytes[at]
            if let open = quote {
                if byte == open { quote = nil }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
            case UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ">") where depth <= 0: return at + 1
            default: break
            }
        }
        return nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func has(_ text: StaticString, _ bytes: [UInt8], _ at: Int) -> Bool {
        bytes[at...].starts(with: Array("\(text)".utf8))
    }

    /// The index behind the next `text`.
    private static func find(_ text: String, _ bytes: [UInt8], from start: Int) -> Int? {
        find(Array(text.utf8), bytes[...], from: start)
    }

    private static func find(_ pattern: [UInt8], _ bytes: ArraySlice<UInt8>, from start: Int) -> Int? {
        guard start + pattern.count <= bytes.endIndex else { return nil }
        for at in start...(bytes.endIndex - pattern.count) where bytes[at] == pattern[0] {
            if bytes[at..<(at + pattern.count)].elementsEqual(pattern) { return at + pattern.count }
        }
        return nil
    }
}

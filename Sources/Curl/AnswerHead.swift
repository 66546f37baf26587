/// The head of an answer, as it came line by line.
struct AnswerHead {
    /// The last answer's lines, its status line first; trailers may follow the empty line.
    private(set) var bytes: [UInt8] = []
    private(set) var status = 0
    private(set) var isComplete = false
    /// It names another place (`Location`), whatever that is worth.
    private(set) var hasLocation = false
    /// It says two different lengths, or one that is none: where its body ends is a guess (RFC 9112, 6.3; P9).
    private(set) var isAmbiguous = false
    /// What it says of its body's length, as it comes.
    private(set) var length: Int64?
    /// Of all heads so far, also those that are not kept.
    private(set) var total = 0

    /// Takes a line with its line break. A status line after a complete head begins the next answer.
    mutating func append(_ line: UnsafeRawBufferPointer, mayBeginAnswer: Bool) {
        total += line.count
        let isNext = unsafe isComplete && mayBeginAnswer && Self.begins(line, with: "http/")
        if bytes.isEmpty || isNext {
            bytes.removeAll(keepingCapacity: true)
            bytes.reserveCapacity(512)
            status = unsafe Self.status(line)
            isComplete = false
            hasLocation = false
            isAmbiguous = false
            length = nil
        } else if line.count <= 2 {
            isComplete = true
        } else if status / 100 == 3, unsafe Self.begins(line, with: "location:") {
            hasLocation = true
        } else if unsafe Self.begins(line, with: "content-length:") {
            let said = unsafe Int64(Self.text(Self.trimmed(Array(line)[15...])))
            if said == nil || length != nil && length != said { isAmbiguous = true }
            length = said
        }
        unsafe bytes.append(contentsOf: line)
    }

    /// For the next answer of the same exchange; the total stays.
    mutating func forget() {
        bytes = []
        status = 0
        isComplete = false
        hasLocation = false
        isAmbiguous = false
        length = nil
    }

    /// Names in lower case; of repeated ones the last. Trailers do not count.
    static func headers(_ head: [UInt8]) -> [String: String] {
        var headers: [String: String] = [:]
        var last: String?
        for line in head.split(separator: 0x0A, omittingEmptySubsequences: false).dropFirst() {
            let line = trimmed(line, end: true)
            guard let first = line.first else { break }
            if first == 0x20 || first == 0x09 {
                // A folded line (RFC 9112, 5.2) goes on with the value before it.
                if let last { headers[last, default: ""] += " " + text(trimmed(line)) }
            } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
                let name = text(line[..<colon]).lowercased()
                headers[name] = text(trimmed(line[line.index(after: colon)...]))
                last = name
            }
        }
        return headers
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>, end: Bool = false) -> ArraySlice<UInt8> {
        var bytes = bytes
        while let last = bytes.last, last == 0x20 || (0x09...0x0D).contains(last) { bytes.removeLast() }
        while !end, let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
        return bytes
    }

    /// The prefix is in lower case.
    private static func begins(_ line: UnsafeRawBufferPointer, with prefix: StaticString) -> Bool {
        guard line.count >= prefix.utf8CodeUnitCount else { return false }
        for place in 0..<prefix.utf8CodeUnitCount {
            guard unsafe line[place] | 0x20 == prefix.utf8Start[place] | 0x20 else { return false }
        }
        return true
    }

    /// The number after the first space; 0 if there is none.
    private static func status(_ line: UnsafeRawBufferPointer) -> Int {
        guard let space = unsafe line.firstIndex(of: 0x20) else { return 0 }
        var number = 0
        for place in (space + 1)..<min(space + 4, line.count) {
            let byte = unsafe line[place]
            guard (0x30...0x39).contains(byte) else { return 0 }
            number = number * 10 + Int(byte - 0x30)
        }
        return number
    }
}

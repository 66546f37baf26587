/// What must not stay in a stored log: the requester's address and the service's secrets (P7).
struct Redaction: Sendable {
    private struct Needle: Sendable {
        var bytes: [UInt8]
        var ignoresCase: Bool
        var replacement: [UInt8]
    }

    /// Longer secrets are looked for in pieces of this size.
    private static let longestPiece = 512
    /// Shorter ones would tear holes into every line and are no secrets.
    private static let shortestSecret = 4

    private let needles: [Needle]
    /// The bytes of the longest needle.
    let reach: Int

    init(address: String?, secrets: [String]) {
        var needles: [Needle] = []
        for secret in secrets {
            // A secret of several lines (a key file) is never seen on one line.
            for line in secret.split(whereSeparator: \.isNewline) where line.utf8.count >= Self.shortestSecret {
                let bytes = Array(line.utf8)
                for start in stride(from: 0, to: bytes.count, by: Self.longestPiece) {
                    let end = min(start + Self.longestPiece, bytes.count)
                    guard end - start >= Self.shortestSecret else { continue }
                    needles.append(
                        Needle(
                            bytes: Array(bytes[start..<end]), ignoresCase: false, replacement: Array("[secret]".utf8)))
                }
            }
        }
        if let address, !address.isEmpty {
            for form in [address, address.split(separator: "@").joined(separator: "%40")] {
                needles.append(
                    Needle(
                        bytes: form.utf8.map(lowered), ignoresCase: true, replacement: Array("[address]".utf8)))
            }
        }
        // The longest first, so that a secret that begins with another one goes as a whole.
        self.needles = needles.sorted { $0.bytes.count > $1.bytes.count }
        reach = needles.map(\.bytes.count).max() ?? 0
    }

    func apply(to line: [UInt8]) -> [UInt8] {
        needles.reduce(line) { replace($1, in: $0) }
    }

    private func replace(_ needle: Needle, in line: [UInt8]) -> [UInt8] {
        guard let first = needle.bytes.first, line.count >= needle.bytes.count else { return line }
        var result: [UInt8] = []
        var copied = 0
        var place = 0
        let last = line.count - needle.bytes.count
        while place <= last {
            let byte = needle.ignoresCase ? lowered(line[place]) : line[place]
            guard byte == first, matches(needle, line, at: place) else {
                place += 1
                continue
            }
            result += line[copied..<place]
            result += needle.replacement
            place += needle.bytes.count
            copied = place
        }
        return copied == 0 ? line : result + line[copied...]
    }

    private func matches(_ needle: Needle, _ line: [UInt8], at place: Int) -> Bool {
        for (step, byte) in needle.bytes.enumerated() {
            let found = line[place + step]
            guard byte == (needle.ignoresCase ? lowered(found) : found) else { return false }
        }
        return true
    }
}

private func lowered(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}

/// What must not stay in a stored log: the requester's address, the service's and the recipe's secrets, and what lets its
/// holder act as the run (P7).
struct Redaction: Sendable {
    struct Match: Sendable {
        var range: Range<Int>
        var replacement: [UInt8]
    }

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
    /// By first byte (both cases where case does not count), the places of the needles that begin with it.
    private let beginnings: [UInt8: [Int]]
    /// Whether there are any, by byte: asked of every byte of a log.
    private let isBeginning: [Bool]
    /// The bytes of the longest needle.
    let reach: Int

    init(address: String?, secrets: [String]) {
        var needles: [Needle] = []
        for secret in Set(secrets) {
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
        // The longest first: of two that begin at one place it is the one to name.
        needles.sort { $0.bytes.count > $1.bytes.count }
        var beginnings: [UInt8: [Int]] = [:]
        for (place, needle) in needles.enumerated() {
            guard let first = needle.bytes.first else { continue }
            beginnings[first, default: []].append(place)
            let upper = first & ~0x20
            if needle.ignoresCase, upper != first, lowered(upper) == first {
                beginnings[upper, default: []].append(place)
            }
        }
        var isBeginning = [Bool](repeating: false, count: 256)
        for byte in beginnings.keys { isBeginning[Int(byte)] = true }
        self.needles = needles
        self.beginnings = beginnings
        self.isBeginning = isBeginning
        reach = needles.first?.bytes.count ?? 0
    }

    /// What is to be replaced, in order; matches that overlap are one.
    func matches(in line: [UInt8]) -> [Match] {
        guard !needles.isEmpty else { return [] }
        var found: [Match] = []
        for place in line.indices where isBeginning[Int(line[place])] {
            for candidate in beginnings[line[place]] ?? [] {
                let needle = needles[candidate]
                guard matches(needle, line, at: place) else { continue }
                let range = place..<(place + needle.bytes.count)
                if let last = found.last, last.range.upperBound > place {
                    found[found.count - 1].range = last.range.lowerBound..<max(last.range.upperBound, range.upperBound)
                } else {
                    found.append(Match(range: range, replacement: needle.replacement))
                }
                break
            }
        }
        return found
    }

    private func matches(_ needle: Needle, _ line: [UInt8], at place: Int) -> Bool {
        guard place + needle.bytes.count <= line.count else { return false }
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

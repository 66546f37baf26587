/// Takes Travis' own marks out of a log: `travis_fold:start:name`, `travis_time:end:...`, each up to its carriage return
/// and the `ESC [ 0 K` behind it. Works on whole lines, so that what comes out does not depend on how they were cut.
enum TravisLogFilter {
    private static let marks = [Array("travis_fold:".utf8), Array("travis_time:".utf8)]
    private static let clear: [UInt8] = [0x1B, UInt8(ascii: "["), UInt8(ascii: "0"), UInt8(ascii: "K")]
    private static let start = UInt8(ascii: "t")

    /// - Parameter lines: each with its line break, the last one perhaps without.
    static func filtered(_ lines: [UInt8]) -> [UInt8] {
        var rest = lines[...]
        var kept: [UInt8] = []
        kept.reserveCapacity(lines.count)
        while let place = rest.firstIndex(of: start) {
            kept += rest[..<place]
            rest = rest[place...]
            if let end = endOfMark(rest) {
                rest = rest[end...]
                if rest.starts(with: clear) { rest = rest.dropFirst(clear.count) }
            } else {
                kept.append(rest.removeFirst())
            }
        }
        return kept + rest
    }

    /// Where the mark at the front ends, in its own line; `nil` if there is none.
    private static func endOfMark(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard marks.contains(where: { bytes.starts(with: $0) }),
            let end = bytes.firstIndex(where: { $0 == 0x0D || $0 == 0x0A }), bytes[end] == 0x0D
        else { return nil }
        return end + 1
    }
}

/// Takes Travis' own marks out of a log: `travis_fold:start:name`, `travis_time:end:...`, each up to its carriage
/// return and the `ESC [ 0 K` behind it. Works on whole lines, so that what comes out does not depend on how they were
/// cut.
enum TravisLogFilter {
    private static let name = Array("travis_".utf8)
    private static let marks = [Array("travis_fold:".utf8), Array("travis_time:".utf8)]
    private static let clear: [UInt8] = [0x1B, UInt8(ascii: "["), UInt8(ascii: "0"), UInt8(ascii: "K")]

    /// - Parameter lines: each with its line break, the last one perhaps without.
    static func filtered(_ lines: [UInt8]) -> [UInt8] {
        guard var place = nextName(in: lines, from: 0) else { return lines }
        var kept: [UInt8] = []
        var from = 0
        while true {
            kept += lines[from..<place]
            if let end = endOfMark(lines[place...]) {
                from = lines[end...].starts(with: clear) ? end + clear.count : end
            } else {
                kept += name
                from = place + name.count
            }
            guard let next = nextName(in: lines, from: from) else { return kept + lines[from...] }
            place = next
        }
    }

    /// Where the mark at the front ends, in its own line; `nil` if there is none.
    private static func endOfMark(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard marks.contains(where: { bytes.starts(with: $0) }),
            let end = bytes.firstIndex(where: { $0 == 0x0D || $0 == 0x0A }), bytes[end] == 0x0D
        else { return nil }
        return end + 1
    }

    /// Most of a log has no mark: the rarest letter of the name, its last, is looked for.
    private static func nextName(in bytes: [UInt8], from: Int) -> Int? {
        bytes[from...].place(of: name, anchor: name.count - 1)
    }
}

/// The name of a run: an attempt's key, so that the same attempt never starts twice.
package struct RunKey: Sendable, Hashable, CustomStringConvertible {
    /// 1 to 100 letters, digits, `.`, `_` and `-`, the first a letter or digit: it names a folder.
    package let rawValue: String

    /// `nil` when the text cannot be a key.
    package init?(_ rawValue: String) {
        let isPlain = rawValue.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isPlain, (1...100).contains(rawValue.utf8.count), rawValue.first?.isPunctuation == false else {
            return nil
        }
        self.rawValue = rawValue
    }

    package var description: String { rawValue }
}

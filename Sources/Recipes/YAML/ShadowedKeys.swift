/// A YAML text in which keys that stand twice have been told apart: the first letter of each earlier one is replaced by
/// a letter of a private-use plane, which no other place of the text has, so that every column stays what it was.
struct ShadowedKeys {
    private(set) var text: String
    private var hidden: [Unicode.Scalar: Unicode.Scalar] = [:]
    private static let limit: UInt32 = 50
    private static let firstLetter: UInt32 = 0xF0000

    init(text: String) {
        self.text = text
    }

    /// Renames the key at `mark`.
    /// - Returns: whether that could be done; not for keys with escapes, tags, or when too many were hidden already.
    mutating func hide(_ key: String?, at mark: Mark) -> Bool {
        guard let key, let first = key.unicodeScalars.first, UInt32(hidden.count) < Self.limit,
            let letter = Unicode.Scalar(Self.firstLetter + UInt32(hidden.count)), !text.unicodeScalars.contains(letter)
        else { return false }
        var scalars = Array(text.unicodeScalars)
        guard var place = Self.index(of: mark, in: scalars) else { return false }
        if scalars[place] == "\"" || scalars[place] == "'" { place += 1 }
        guard scalars[place...].starts(with: key.unicodeScalars) else { return false }
        scalars[place] = letter
        hidden[letter] = first
        var renamed = String.UnicodeScalarView()
        renamed.append(contentsOf: scalars)
        text = String(renamed)
        return true
    }

    /// The key as its author wrote it.
    func original(of key: String) -> String {
        guard let letter = key.unicodeScalars.first, let first = hidden[letter] else { return key }
        return String(first) + String(key.unicodeScalars.dropFirst())
    }

    /// Lines end where libYAML ends them.
    private static func index(of mark: Mark, in scalars: [Unicode.Scalar]) -> Int? {
        var line = 1
        var place = 0
        while line < mark.line, place < scalars.count {
            switch scalars[place] {
            case "\r" where place + 1 < scalars.count && scalars[place + 1] == "\n":
                place += 1
                line += 1
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": line += 1
            default: break
            }
            place += 1
        }
        place += mark.column - 1
        return line == mark.line && place < scalars.count ? place : nil
    }
}

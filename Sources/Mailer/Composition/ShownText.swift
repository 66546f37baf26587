/// What strangers typed, and what a build wrote, made fit for a mail: it is read and never followed.
///
/// Mail programs turn whatever looks like an address into a link, in text and in HTML alike, and no markup keeps them from
/// it. So a hair space (U+200A) follows each character that such an address cannot do without. It is hardly seen; mail
/// programs that know Unicode take it for the end of a word; and where one makes a link of it all the same, the link
/// leads nowhere, because no host and no mailbox may hold it. (A zero-width space is dropped from host names by
/// browsers, so that such a link would work.)
enum ShownText {
    /// Most characters of a value that are shown.
    static let longest = 500
    /// Most lines of one.
    static let mostLines = 12

    /// The text on one line.
    static func line(_ text: String, longest: Int = ShownText.longest) -> String {
        shorten(unlinked(text.unicodeScalars.map { isLineEnd($0) ? " " : $0 }), longest)
    }

    /// The text in its lines, at least one.
    static func lines(_ text: String, longest: Int = ShownText.longest, most: Int = mostLines) -> [String] {
        // What is never shown is not even looked at.
        let scalars = text.unicodeScalars.prefix(longest * 4 + 1)
        var lines = scalars.split(whereSeparator: isLineEnd).map { line in
            shorten(unlinked(Array(line)), longest)
        }
        if lines.count > most { lines = Array(lines.prefix(most)) + ["…"] }
        var left = longest
        var shown: [String] = []
        for line in lines where left > 0 {
            shown.append(shorten(Array(line.unicodeScalars), left))
            left -= line.count
        }
        return shown.isEmpty ? [""] : shown
    }

    private static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A...0x0D, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    private static func shorten(_ scalars: [Unicode.Scalar], _ longest: Int) -> String {
        var text = String(String.UnicodeScalarView(scalars.prefix(longest * 4)))
        guard text.count > longest || scalars.count > longest * 4 else { return text }
        text = String(text.prefix(longest - 1))
        return text + "…"
    }

    /// Without what turns or hides text, and with a hair space behind each joint of an address.
    private static func unlinked(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        scalars.filter { !isHidden($0) }
            .split(omittingEmptySubsequences: false) { $0.properties.isWhitespace }
            .map { unlinked(word: Array($0)) }.joined(separator: [" "]).map { $0 }
    }

    private static func unlinked(word: [Unicode.Scalar]) -> [Unicode.Scalar] {
        // `12.5` and `09:45` are numbers, `192.0.2.1` is a host.
        let mayBeNumber = word.count { $0 == "." } < 3 && !word.contains("/")
        var shown: [Unicode.Scalar] = []
        for (index, scalar) in word.enumerated() {
            shown.append(scalar)
            let isJoint = isJoint(scalar) || scalar == "/" && index > 0 && word[index - 1] == "/"
            guard isJoint, index + 1 < word.count else { continue }
            let isInNumber = mayBeNumber && index > 0 && isDigit(word[index - 1]) && isDigit(word[index + 1])
            if !isInNumber || scalar == "@" { shown.append("\u{200A}") }
        }
        return shown
    }

    /// What addresses need: dots (those of East Asian keyboards are dots to browsers), at signs, colons.
    private static func isJoint(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case ".", "@", ":", "。", "．", "｡", "＠", "：", "․", "﹒", "﹫", "﹕": true
        default: false
        }
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    /// Controls, and what is not seen or turns the direction of other text. Joiners and variation selectors belong to
    /// letters and emoji.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09: false
        case 0x00...0x1F, 0x7F...0x9F, 0xAD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0x202A...0x202E: true
        case 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB: true
        default: false
        }
    }
}

extension Character {
    /// Columns of a character on a terminal: two for those of East Asia and emoji.
    var columns: Int {
        guard let first = unicodeScalars.first else { return 0 }
        switch first.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default:
            return first.properties.generalCategory == .nonspacingMark ? 0 : 1
        }
    }
}

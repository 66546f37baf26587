// The one thing wanted of Foundation here is Unicode normalisation, which the standard library does not offer.
import Foundation

extension HostName {
    /// The name as DNS, SMTP and old mail programs take it: in lower case, its labels of other scripts as `xn--` and
    /// their code (IDNA 2008, RFC 5891). `nil` if it is no name of a host, or if a label is one that IDNA does not allow
    /// (letters that are a form of others, such as full-width ones; a mark before any letter) or longer than DNS takes.
    package static func ascii(_ name: some StringProtocol) -> String? {
        var labels: [String] = []
        for label in name.lowercased().split(separator: ".", omittingEmptySubsequences: false) {
            guard let ascii = asciiLabel(label) else { return nil }
            labels.append(ascii)
        }
        let ascii = labels.joined(separator: ".")
        return isValid(ascii[...]) ? ascii : nil
    }

    private static func asciiLabel(_ label: Substring) -> String? {
        if label.utf8.allSatisfy({ $0 < 0x80 }) { return String(label) }
        let composed = String(label).precomposedStringWithCanonicalMapping
        let scalars = composed.unicodeScalars
        guard scalars.allSatisfy(isOfALabel), let first = scalars.first, !isMark(first),
            // The third and fourth place are kept for marks like `xn--`.
            !(scalars.dropFirst(2).starts(with: "--".unicodeScalars)),
            scalars.last != "-", first != "-", let code = Punycode.encode(scalars)
        else { return nil }
        return "xn--" + code
    }

    /// Letters, marks and digits that are nobody else's other form (RFC 5892), and the two letters that look as if they
    /// were: ß and the final sigma.
    private static func isOfALabel(_ scalar: Unicode.Scalar) -> Bool {
        guard isLabelText(scalar) else { return false }
        if scalar == "\u{DF}" || scalar == "\u{3C2}" { return true }
        if [0x640, 0x7FA, 0x302E, 0x302F, 0x303B].contains(scalar.value) || (0x3031...0x3035).contains(scalar.value) {
            return false
        }
        return !scalar.properties.changesWhenNFKCCaseFolded
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }
}

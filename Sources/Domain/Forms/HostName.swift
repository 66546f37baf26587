/// Whether text is the name of a host as people write it: letters, digits and hyphens of any script, in labels.
package enum HostName {
    static func isValid(_ name: Substring) -> Bool {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...253).contains(name.utf8.count), labels.allSatisfy(isLabel) else { return false }
        return true
    }

    /// Dotted decimal, each number 0...255 and without leading zeros.
    static func isIPv4(_ name: Substring) -> Bool {
        let numbers = name.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4
            && numbers.allSatisfy { text in
                guard let number = UInt8(text) else { return false }
                return String(number) == text
            }
    }

    /// Hexadecimal groups with at most one gap, the last two groups optionally dotted decimal.
    static func isIPv6(_ name: Substring) -> Bool {
        let halves = name.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        guard (1...2).contains(halves.count) else { return false }
        var groups = 0
        for (half, text) in halves.enumerated() where !(text.isEmpty && halves.count == 2) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            for (place, part) in parts.enumerated() {
                if half == halves.count - 1, place == parts.count - 1, part.contains(".") {
                    guard isIPv4(part) else { return false }
                    groups += 2
                } else {
                    guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy({ $0.hexDigit != nil }) else {
                        return false
                    }
                    groups += 1
                }
            }
        }
        return halves.count == 2 ? groups <= 7 : groups == 8
    }

    private static func isLabel(_ label: Substring) -> Bool {
        guard (1...63).contains(label.utf8.count), label.first != "-", label.last != "-" else { return false }
        return label.unicodeScalars.allSatisfy(isLabelText)
    }

    static func isLabelText(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "-" }
        guard !scalar.properties.isDefaultIgnorableCodePoint else { return false }
        return switch scalar.properties.generalCategory {
        case .lowercaseLetter, .uppercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .nonspacingMark, .spacingMark, .decimalNumber:
            true
        default: false
        }
    }
}

// The one thing wanted of Foundation here is Unicode normalisation, which the standard library does not offer.
import Foundation

/// Received text made fit to be kept: one form of every character, nothing invisible that could deceive a reader.
enum CheckedText {
    /// More combining scalars than this on one character are an attack on whoever draws it.
    static let maxScalarsPerCharacter = 16

    /// Normalises (NFC, line ends to LF), removes surrounding white space; `nil` if a character is not allowed.
    static func clean(_ raw: String, isMultiline: Bool) -> String? {
        let trimmed = trim(isMultiline ? unifyLineEnds(raw) : raw)
        var hasVisible = trimmed.isEmpty
        for character in trimmed {
            guard isAllowed(character, isMultiline: isMultiline) else { return nil }
            hasVisible = hasVisible || !character.unicodeScalars.allSatisfy(\.properties.isDefaultIgnorableCodePoint)
        }
        guard hasVisible else { return nil }
        return trimmed.utf8.allSatisfy { $0 < 0x80 } ? trimmed : trimmed.precomposedStringWithCanonicalMapping
    }

    private static func trim(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !isSpace($0) }),
            let last = scalars.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(scalars[first...last])
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace
    }

    private static func unifyLineEnds(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "\r")) else { return text }
        var unified = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            if scalar == "\r" {
                unified.append("\n")
            } else if scalar != "\n" || previous != "\r" {
                unified.append(scalar)
            }
            previous = scalar
        }
        return String(unified)
    }

    private static func isAllowed(_ character: Character, isMultiline: Bool) -> Bool {
        let scalars = character.unicodeScalars
        guard scalars.count <= maxScalarsPerCharacter else { return false }
        var previous: Unicode.Scalar?
        for scalar in scalars {
            if isForbidden(scalar, isMultiline: isMultiline) { return false }
            // Joiners belong between visible characters (emoji, Persian), once.
            if isJoiner(scalar), previous.map(isJoiner) ?? true { return false }
            // Tags spell out a flag; on their own they are hidden text.
            if isTag(scalar), scalars.first?.value != 0x1F3F4 { return false }
            previous = scalar
        }
        // A lone filler or selector shows nothing; direction marks do no harm beside visible text.
        return !scalars.allSatisfy { $0.properties.isDefaultIgnorableCodePoint && !isDirectionMark($0) }
    }

    /// Whether the scalar is allowed nowhere: controls, line and paragraph separators, bidirectional embeddings,
    /// overrides and isolates, invisible operators, the byte order mark, replacement and non-characters.
    static func isForbidden(_ scalar: Unicode.Scalar, isMultiline: Bool) -> Bool {
        switch scalar.value {
        case 0x0A, 0x09: !isMultiline
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x2028...0x202E, 0x2060...0x206F, 0x200B, 0xFEFF, 0x180E, 0xFFF9...0xFFFD: true
        case 0xFDD0...0xFDEF: true
        case let value: value & 0xFFFE == 0xFFFE
        }
    }

    private static func isJoiner(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value == 0x200C || scalar.value == 0x200D
    }

    private static func isTag(_ scalar: Unicode.Scalar) -> Bool {
        (0xE0000...0xE007F).contains(scalar.value)
    }

    private static func isDirectionMark(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value == 0x200E || scalar.value == 0x200F || scalar.value == 0x061C
    }
}

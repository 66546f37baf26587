extension String {
    /// What another server says, as one short line for an operator: white space of any kind and length is one blank, and
    /// what controls a screen, turns a text's direction or is not to be seen is left out.
    func shownWords(limit: Int = 500) -> String {
        let shown = unicodeScalars.prefix(limit).filter { scalar in
            if (0x20...0x7E).contains(scalar.value) { return true }
            if scalar.properties.isWhitespace { return true }
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned: return false
            default: return !scalar.properties.isDefaultIgnorableCodePoint
            }
        }
        let words = shown.split { $0.value > 0x20 && $0.value < 0x7F ? false : $0.properties.isWhitespace }
        return words.map { String(String.UnicodeScalarView($0)) }.joined(separator: " ")
    }

    /// An address or an id without the `<` and `>` that may stand around it.
    var withoutAngles: String {
        let text = trimmingSpaces()
        return text.hasPrefix("<") && text.hasSuffix(">") ? String(text.dropFirst().dropLast()) : text
    }
}

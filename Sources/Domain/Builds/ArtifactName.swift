/// What a file that a run made may be called; the name comes from outside.
package enum ArtifactName {
    /// Bytes: it becomes a file's name, a part of a URL and a header.
    private static let longest = 120

    /// Whether a name can be stored, linked and downloaded as it is.
    package static func isUsable(_ name: String) -> Bool {
        guard (1...longest).contains(name.utf8.count), let first = name.first, first != ".", first != "-" else {
            return false
        }
        return name.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "/", "\\", "\"", "\u{FFFD}": false
            default: isShown(scalar)
            }
        }
    }

    /// Not a control, a format (direction) mark, a line separator or a hole in Unicode.
    package static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}

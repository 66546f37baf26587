/// A line that may be stored and shown.
struct LogLine: Hashable, Sendable {
    /// Without colours: what patterns and people who look for errors see.
    var text: String
    /// With its colours, each as `TextStyle.code`; begins and ends in the plain style.
    var coded: String

    init(_ text: String) {
        self.text = text
        coded = text
    }

    /// - Parameter runs: stretches of bytes, each in one style.
    init(_ runs: [(bytes: ArraySlice<UInt8>, style: TextStyle)]) {
        text = ""
        coded = ""
        var style = TextStyle.plain
        for run in runs where !run.bytes.isEmpty {
            let shown = Self.shown(run.bytes)
            text += shown
            if run.style != style {
                coded += String(decoding: run.style.code, as: UTF8.self)
                style = run.style
            }
            coded += shown
        }
        if style != .plain { coded += String(decoding: TextStyle.plain.code, as: UTF8.self) }
    }

    /// Invalid UTF-8 becomes U+FFFD, and so does what a browser or a terminal would obey.
    private static func shown(_ bytes: ArraySlice<UInt8>) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.utf8.contains(where: { $0 >= 0x80 }), text.unicodeScalars.contains(where: isUnsafe) else {
            return text
        }
        var safe = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { safe.append(isUnsafe(scalar) ? "\u{FFFD}" : scalar) }
        return String(safe)
    }

    /// C1 controls, line and paragraph separators, and what turns the direction of the text after it.
    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x80...0x9F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

/// The configuration explained, from its table.
enum ConfigurationGuide {
    /// The table of README and `kiln help-configuration`.
    static func markdown() -> String {
        var lines = ["| key | variable | default | what |", "|---|---|---|---|"]
        for key in ConfigurationTable.keys {
            lines.append("| `\(key.path)` | `\(key.variable)` | \(key.shownDefault) | \(key.help) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// `kiln.example.yml`: every key with its default, commented out.
    static func example() -> String {
        var lines = [
            "# The configuration of Kiln, with every key and its default. Copy it to kiln.yml and take the `#` away",
            "# where you want something else. Each key can also be a variable, which wins: mail.smtp.host is",
            "# KILN_MAIL_SMTP_HOST. `kiln check` says what is wrong with it.",
        ]
        var open: [String] = []
        for key in ConfigurationTable.keys {
            let sections = Array(key.components.dropLast())
            let shared = zip(open, sections).prefix { $0 == $1 }.count
            if shared == 0 { lines.append("") }
            for depth in shared..<sections.count {
                lines.append("#" + indent(depth) + sections[depth] + ":")
            }
            open = sections
            lines.append("#" + indent(sections.count) + "# \(key.help)")
            lines.append("#" + indent(sections.count) + "\(key.components.last ?? ""):\(key.exampleValue)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func indent(_ depth: Int) -> String {
        String(repeating: "  ", count: depth)
    }
}

extension ConfigurationKey {
    fileprivate var shownDefault: String {
        if let defaultNote { return defaultNote }
        guard let defaultText, !defaultText.isEmpty else { return "none" }
        return "`\(defaultText)`"
    }

    /// A value that can be read again once the `#` is away; a default that is worked out is told in a comment.
    fileprivate var exampleValue: String {
        if case .addressRanges = kind { return " []" }
        if let defaultText { return " " + defaultText }
        return "  # default: \(defaultNote?.replacing("`", with: "") ?? "none")"
    }
}

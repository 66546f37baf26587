import Domain

/// Which of a run's files are artifacts, by the recipe's rules; knows no disk.
struct ArtifactChoice: Sendable {
    /// Artifacts that a build may have.
    private static let mostFiles = 100
    /// Bytes of a name: it becomes a file's name, a part of a URL and a header.
    private static let longestName = 120

    /// In the order of the rules, then of the names.
    private(set) var chosen: [(file: ProducedFile, rule: ArtifactRule)] = []

    /// - Throws: the build's failure if the rules and the files do not fit.
    init(_ files: [ProducedFile], rules: [ArtifactRule]) throws(Failure) {
        var left = files.sorted { $0.name < $1.name }
        for rule in rules {
            let pattern = FilePattern(rule.match)
            let matching = left.filter { pattern.matches($0.name) }
            left.removeAll { pattern.matches($0.name) }
            guard !matching.isEmpty else { throw FailureWords.noArtifact(rule.match) }
            for file in matching {
                guard Self.isUsable(file.name) else { throw FailureWords.badName(Self.shown(file.name)) }
                guard file.bytes <= rule.maxBytes else {
                    throw FailureWords.tooLarge(file.name, file.bytes, limit: rule.maxBytes)
                }
                chosen.append((file, rule))
            }
        }
        guard chosen.count <= Self.mostFiles else { throw FailureWords.tooMany(Self.mostFiles) }
    }

    /// Whether a name can be stored, linked and downloaded as it is.
    static func isUsable(_ name: String) -> Bool {
        guard (1...longestName).contains(name.utf8.count), let first = name.first, first != ".", first != "-" else {
            return false
        }
        return name.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "/", "\\", "\"", "\u{FFFD}": false
            default: scalar.properties.generalCategory.isShown
            }
        }
    }

    private static func shown(_ name: String) -> String {
        String(String.UnicodeScalarView(name.unicodeScalars.map { $0.properties.generalCategory.isShown ? $0 : "?" }))
    }
}

extension Failure: Error {}

extension Unicode.GeneralCategory {
    /// Not a control, a format (direction) mark, a line separator or a hole in Unicode.
    fileprivate var isShown: Bool {
        switch self {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}

import Domain

/// Which of a run's files are artifacts, by the recipe's rules; knows no disk.
struct ArtifactChoice: Sendable {
    /// Artifacts that a build may have.
    private static let mostFiles = 100

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
                guard ArtifactName.isUsable(file.name) else { throw FailureWords.badName(Self.shown(file.name)) }
                guard file.bytes <= rule.maxBytes else {
                    throw FailureWords.tooLarge(file.name, file.bytes, limit: rule.maxBytes)
                }
                chosen.append((file, rule))
            }
        }
        guard chosen.count <= Self.mostFiles else { throw FailureWords.tooMany(Self.mostFiles) }
    }

    private static func shown(_ name: String) -> String {
        String(String.UnicodeScalarView(name.unicodeScalars.map { ArtifactName.isShown($0) ? $0 : "?" }))
    }
}

extension Failure: Error {}

extension [ArtifactRule] {
    /// Whether each rule has a file among these.
    func areMet(by names: [String]) -> Bool {
        allSatisfy { rule in
            let pattern = FilePattern(rule.match)
            return names.contains { pattern.matches($0) }
        }
    }
}

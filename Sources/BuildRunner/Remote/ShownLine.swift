import Domain

extension String {
    /// What a CI says, as one short line for a page, a mail or the operator's log: white space of any kind and length is
    /// one blank, and what turns a text's direction or is not to be seen is left out.
    func shownLine(limit: Int = 80) -> String {
        let scalars = unicodeScalars.prefix(limit).filter { $0.properties.isWhitespace || ArtifactName.isShown($0) }
        let words = scalars.split { $0.properties.isWhitespace }
        return words.map { String(String.UnicodeScalarView($0)) }.joined(separator: " ")
    }
}

/// What a recipe's check says of a submission, as one text for a page or a program.
enum CheckWords {
    /// `sessions[3].speakers[0]: Nobody is called so. Name one of the speakers.`
    static func sentence(place: String?, problem: String, mend: String?) -> String {
        let whole = [ended(problem), mend.map(ended)].compactMap(\.self).joined(separator: " ")
        return place.map { "\($0): \(whole)" } ?? whole
    }

    private static func ended(_ text: String) -> String {
        guard let last = text.last, !".!?…。！？".contains(last) else { return text }
        return text + "."
    }
}

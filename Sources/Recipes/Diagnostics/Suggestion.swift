/// "Did you mean": the nearest known word.
package enum Suggestion {
    /// The candidate with the fewest edits (insert, delete, replace, swap of neighbours) from `word`, at most a third
    /// of its length and never more than three; letters' case and `-`/`_` do not count. `nil` if none is near.
    package static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
        let wanted = folded(word)
        guard !wanted.isEmpty, wanted.count <= 100 else { return nil }
        var best: (word: String, edits: Int)?
        for candidate in candidates {
            let edits = distance(wanted, folded(candidate))
            if edits <= min(3, max(1, wanted.count / 3)), edits < best?.edits ?? .max {
                best = (candidate, edits)
            }
        }
        return best?.word
    }

    private static func folded(_ word: String) -> [Character] {
        word.lowercased().map { $0 == "-" ? "_" : $0 }
    }

    private static func distance(_ one: [Character], _ other: [Character]) -> Int {
        if abs(one.count - other.count) > 3 { return .max }
        var rows = [Array(0...other.count)]
        for (row, letter) in one.enumerated() {
            var current = [row + 1]
            for (column, otherLetter) in other.enumerated() {
                var edits = min(rows[row][column + 1] + 1, current[column] + 1)
                edits = min(edits, rows[row][column] + (letter == otherLetter ? 0 : 1))
                if row > 0, column > 0, letter == other[column - 1], one[row - 1] == otherLetter {
                    edits = min(edits, rows[row - 1][column - 1] + 1)
                }
                current.append(edits)
            }
            rows.append(current)
        }
        return rows[one.count][other.count]
    }
}

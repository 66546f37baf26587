/// Which known name was probably meant by an unknown one.
package enum EditDistance {
    /// The nearest candidate that is close enough to be worth proposing: at most a third of its letters differ.
    package static func nearest(to name: String, among candidates: [String]) -> String? {
        let wanted = Array(name.lowercased().utf8.prefix(65))
        guard wanted.count <= 64 else { return nil }
        let ranked = candidates.map { (name: $0, distance: distance(wanted, Array($0.lowercased().utf8))) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }),
            best.distance <= max(1, best.name.utf8.count / 3)
        else { return nil }
        return best.name
    }

    /// Damerau-Levenshtein distance (neighbours swapped count once), over bytes.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...other.count)
        for row in one.indices {
            var current = [row + 1]
            for column in other.indices {
                var cost = min(last[column + 1], current[column]) + 1
                cost = min(cost, last[column] + (one[row] == other[column] ? 0 : 1))
                if row > 0, column > 0, one[row] == other[column - 1], one[row - 1] == other[column] {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[other.count]
    }
}

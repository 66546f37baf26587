/// A file name pattern with `*` (any characters) and `?` (one).
package struct FilePattern: Hashable, Sendable {
    private let pattern: [Character]

    package init(_ text: String) {
        pattern = Array(text)
    }

    /// Whether the whole name fits; takes time in proportion to name times pattern at most.
    package func matches(_ name: String) -> Bool {
        let name = Array(name)
        var (place, step) = (0, 0)
        var star: (step: Int, place: Int)?
        while place < name.count {
            if step < pattern.count, pattern[step] == "*" {
                star = (step, place)
                step += 1
            } else if step < pattern.count, pattern[step] == "?" || pattern[step] == name[place] {
                place += 1
                step += 1
            } else if let last = star {
                star = (last.step, last.place + 1)
                place = last.place + 1
                step = last.step + 1
            } else {
                return false
            }
        }
        return pattern[step...].allSatisfy { $0 == "*" }
    }
}

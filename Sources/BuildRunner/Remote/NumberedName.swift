/// A run's name that says what its number counts: `request/12`, `queue/7`, `build/3`.
struct NumberedName: Hashable, Sendable, CustomStringConvertible {
    var kind: String
    /// 1 or more.
    var number: Int64

    init(_ kind: String, _ number: Int64) {
        self.kind = kind
        self.number = number
    }

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int64(parts[1]), number > 0 else { return nil }
        self.init(String(parts[0]), number)
    }

    var description: String { "\(kind)/\(number)" }
}

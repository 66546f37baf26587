/// What a run is called: the request that Travis took, then the build that it made of it.
enum TravisRunID: Hashable, Sendable, CustomStringConvertible {
    case request(Int64)
    case build(Int64)

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int64(parts[1]), number > 0 else { return nil }
        switch parts[0] {
        case "request": self = .request(number)
        case "build": self = .build(number)
        default: return nil
        }
    }

    var description: String {
        switch self {
        case .request(let number): "request/\(number)"
        case .build(let number): "build/\(number)"
        }
    }
}

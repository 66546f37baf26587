/// What a run is called: the request that Travis took, then the build that it made of it.
enum TravisRunID: Hashable, Sendable, CustomStringConvertible {
    case request(Int64)
    case build(Int64)

    init?(_ text: String) {
        guard let name = NumberedName(text) else { return nil }
        switch name.kind {
        case "request": self = .request(name.number)
        case "build": self = .build(name.number)
        default: return nil
        }
    }

    var description: String {
        switch self {
        case .request(let number): NumberedName("request", number).description
        case .build(let number): NumberedName("build", number).description
        }
    }
}

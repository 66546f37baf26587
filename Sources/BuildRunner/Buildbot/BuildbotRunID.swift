/// A run's name at Buildbot.
enum BuildbotRunID: Hashable, Sendable, CustomStringConvertible {
    case request(Int)
    case build(Int)

    init?(_ text: String) {
        guard let name = NumberedName(text) else { return nil }
        switch name.kind {
        case "request": self = .request(Int(name.number))
        case "build": self = .build(Int(name.number))
        default: return nil
        }
    }

    var description: String {
        switch self {
        case .request(let number): NumberedName("request", Int64(number)).description
        case .build(let number): NumberedName("build", Int64(number)).description
        }
    }
}

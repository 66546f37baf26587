/// What a run is called: its place in Jenkins' queue, then its number in the job.
enum JenkinsRunID: Hashable, Sendable, CustomStringConvertible {
    case queued(Int64)
    case build(Int64)

    init?(_ text: String) {
        guard let name = NumberedName(text) else { return nil }
        switch name.kind {
        case "queue": self = .queued(name.number)
        case "build": self = .build(name.number)
        default: return nil
        }
    }

    /// The item that a trigger's `Location` names (`.../queue/item/7/`); its host is not looked at.
    init?(location: String) {
        let path = location.prefix { $0 != "?" && $0 != "#" }
        let parts = path.split(separator: "/").suffix(3)
        guard parts.count == 3, parts.dropLast().elementsEqual(["queue", "item"]),
            let number = parts.last.flatMap({ Int64($0) }), number > 0
        else { return nil }
        self = .queued(number)
    }

    var description: String {
        switch self {
        case .queued(let number): NumberedName("queue", number).description
        case .build(let number): NumberedName("build", number).description
        }
    }
}

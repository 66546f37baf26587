/// The tags of a mail subject: mustache, of which only values and sections over fields are taken.
struct SubjectTemplate {
    /// What is wrong; `name` is set where the fault is a name that the form does not have.
    struct Fault: Hashable {
        var problem: String
        var mend: String
        var name: String?
    }

    /// The fields that it stands for, in their order, repetitions included.
    private(set) var names: [String] = []
    private(set) var faults: [Fault] = []

    init(_ text: String) {
        var rest = text[...]
        var open: [String] = []
        while let start = rest.firstRange(of: "{{") {
            rest = rest[start.upperBound...]
            guard let end = rest.firstRange(of: "}}") else {
                faults.append(Fault(problem: "a tag `{{` is not closed", mend: "close it with `}}`"))
                return
            }
            let tag = rest[..<end.lowerBound]
            rest = rest[end.upperBound...]
            read(String(tag), open: &open)
            if tag.first == "{", rest.first == "}" { rest = rest.dropFirst() }
        }
        for name in open {
            faults.append(
                Fault(problem: "the section `{{#\(name)}}` is not closed", mend: "close it with `{{/\(name)}}`"))
        }
    }

    private mutating func read(_ tag: String, open: inout [String]) {
        let sign = tag.first
        let name = tag.drop { "#^/&{>=!<$".contains($0) }.trimmingSpaces
        switch sign {
        case "!": return
        case "{", "&", ">", "<", "=", "$":
            faults.append(
                Fault(
                    problem: "the tag `{{\(tag)}}` is not taken in a subject",
                    mend: "write `{{field}}`, or `{{#field}}...{{/field}}`"))
        case "/":
            if open.last == name {
                open.removeLast()
            } else {
                faults.append(
                    Fault(
                        problem: "`{{/\(name)}}` closes nothing",
                        mend: "remove it, or open it before with `{{#\(name)}}`"))
            }
        case "#", "^":
            open.append(name)
            names.append(name)
        default:
            if name != "." || open.isEmpty { names.append(name) }
        }
    }
}

extension StringProtocol {
    /// Without spaces at both ends.
    fileprivate var trimmingSpaces: String {
        let front = drop { $0.isWhitespace }
        return String(front.reversed().drop { $0.isWhitespace }.reversed())
    }
}

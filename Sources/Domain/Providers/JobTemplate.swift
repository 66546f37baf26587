/// A text with holes that a build's values fill: a parameter of the job, a release's link or tag.
///
///     {{name}}            a field's value, or one of the builtin values (`kiln.date`, ...)
///     {{packages|space}}  several choices, joined by spaces; also `comma` (the default), `lines` and `json`
///     {{#logo}}...{{/logo}}   only if the field was given and is not off; {{^logo}}...{{/logo}} only if not
///
/// Nothing is escaped into code: the text is one value. In a link, each value is percent-encoded (P5).
package struct JobTemplate: Hashable, Sendable {
    package enum Joining: String, Hashable, Sendable, CaseIterable {
        case comma, space, lines, json
    }

    /// Where the text goes.
    package enum Encoding: Hashable, Sendable {
        /// As it is.
        case plain
        /// Values are percent-encoded down to RFC 3986's unreserved characters.
        case url
    }

    package struct Fault: Error, Hashable, Sendable {
        package var problem: String
        package var mend: String
    }

    indirect enum Node: Hashable, Sendable {
        case text(String)
        case value(String, Joining)
        case section(String, isInverted: Bool, [Node])
    }

    /// As it was written.
    package let source: String
    let nodes: [Node]

    /// - Throws: what is wrong with the tags, in the words of `kiln check`.
    package init(_ source: String) throws(Fault) {
        self.source = source
        var reader = JobTemplateReader(source)
        nodes = try reader.nodes(until: nil)
    }

    /// The names that it stands for, in their order, repetitions included.
    package var names: [String] { Self.names(nodes) }

    /// - Parameter values: what each name stands for; a name that is absent is empty.
    package func text(_ values: JobValues, for encoding: Encoding = .plain) -> String {
        Self.text(nodes, values, encoding)
    }

    private static func names(_ nodes: [Node]) -> [String] {
        nodes.flatMap { node in
            switch node {
            case .text: [String]()
            case .value(let name, _): [name]
            case .section(let name, _, let inner): [name] + names(inner)
            }
        }
    }

    private static func text(_ nodes: [Node], _ values: JobValues, _ encoding: Encoding) -> String {
        nodes.map { node in
            switch node {
            case .text(let text): return text
            case .value(let name, let joining):
                let text = values[name]?.text(joining) ?? ""
                return encoding == .url ? text.percentEncoded : text
            case .section(let name, let isInverted, let inner):
                let isThere = values[name].map { !$0.isEmpty } ?? false
                return isThere != isInverted ? text(inner, values, encoding) : ""
            }
        }.joined()
    }
}

/// What the names in a build's templates stand for.
package struct JobValues: Hashable, Sendable {
    package enum Value: Hashable, Sendable {
        case text(String)
        case flag(Bool)
        case list([String])

        var isEmpty: Bool {
            switch self {
            case .text(let text): text.isEmpty
            case .flag(let isOn): !isOn
            case .list(let texts): texts.isEmpty
            }
        }

        func text(_ joining: JobTemplate.Joining) -> String {
            switch self {
            case .text(let text): joining == .json ? JSONString.quoted(text) : text
            case .flag(let isOn): isOn ? "true" : "false"
            case .list(let texts):
                switch joining {
                case .comma: texts.joined(separator: ",")
                case .space: texts.joined(separator: " ")
                case .lines: texts.joined(separator: "\n")
                case .json: "[" + texts.map(JSONString.quoted).joined(separator: ",") + "]"
                }
            }
        }
    }

    private var values: [String: Value]

    package init(_ values: [String: Value] = [:]) {
        self.values = values
    }

    package subscript(name: String) -> Value? {
        get { values[name] }
        set { values[name] = newValue }
    }
}

enum JSONString {
    /// RFC 8259, in ASCII where it matters: quotes, backslashes and controls escaped.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || (0x2028...0x2029).contains(scalar.value):
                let hex = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

struct JobTemplateReader {
    private var rest: Substring

    init(_ source: String) {
        rest = source[...]
    }

    mutating func nodes(until end: String?) throws(JobTemplate.Fault) -> [JobTemplate.Node] {
        var nodes: [JobTemplate.Node] = []
        while let (before, tag) = try next() {
            if !before.isEmpty { nodes.append(.text(before)) }
            switch tag.first {
            case "#", "^":
                let name = try name(String(tag.dropFirst()))
                nodes.append(.section(name, isInverted: tag.first == "^", try self.nodes(until: name)))
            case "/":
                let name = try name(String(tag.dropFirst()))
                guard name == end else {
                    throw JobTemplate.Fault(
                        problem: "`{{/\(name)}}` closes nothing", mend: "open it before with `{{#\(name)}}`")
                }
                return nodes
            default:
                let parts = tag.split(separator: "|", omittingEmptySubsequences: false)
                let joining = parts.count > 1 ? String(parts[1]).trimmed : JobTemplate.Joining.comma.rawValue
                guard parts.count <= 2, let joining = JobTemplate.Joining(rawValue: joining) else {
                    throw JobTemplate.Fault(
                        problem: "`{{\(tag)}}` asks for an unknown way to join values",
                        mend: "write `|comma`, `|space`, `|lines` or `|json`")
                }
                nodes.append(.value(try name(String(parts[0])), joining))
            }
        }
        guard end == nil else {
            let name = end ?? ""
            throw JobTemplate.Fault(problem: "the section `{{#\(name)}}` is not closed", mend: "add `{{/\(name)}}`")
        }
        if !rest.isEmpty { nodes.append(.text(String(rest))) }
        rest = ""
        return nodes
    }

    private mutating func next() throws(JobTemplate.Fault) -> (before: String, tag: String)? {
        guard let start = rest.firstRange(of: "{{") else { return nil }
        guard let end = rest[start.upperBound...].firstRange(of: "}}") else {
            throw JobTemplate.Fault(problem: "a tag `{{` is not closed", mend: "close it with `}}`")
        }
        let found = (String(rest[..<start.lowerBound]), String(rest[start.upperBound..<end.lowerBound]).trimmed)
        rest = rest[end.upperBound...]
        return found
    }

    private func name(_ text: String) throws(JobTemplate.Fault) -> String {
        let name = text.trimmed
        guard !name.isEmpty,
            name.utf8.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            })
        else {
            throw JobTemplate.Fault(problem: "`{{\(text)}}` names no value", mend: "write `{{field}}`")
        }
        return name
    }
}

extension String {
    fileprivate var trimmed: String {
        let front = drop { $0.isWhitespace }
        return String(front.reversed().drop { $0.isWhitespace }.reversed())
    }
}

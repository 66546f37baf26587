import Foundation

/// The `tree` of Jenkins' remote access: which fields of an object are shown, `a,b[c,d]{0,10}`.
struct JenkinsTree {
    private var fields: [String: (tree: JenkinsTree?, range: Range<Int>?)] = [:]

    /// `nil` for what is no tree.
    init?(_ text: String) {
        var rest = Substring(text)
        guard let tree = Self.read(&rest), rest.isEmpty else { return nil }
        self = tree
    }

    private init() {}

    private static func read(_ rest: inout Substring) -> JenkinsTree? {
        var tree = JenkinsTree()
        while true {
            let name = rest.prefix { $0.isLetter || $0 == "_" }
            guard !name.isEmpty else { return nil }
            rest = rest.dropFirst(name.count)
            var inner: JenkinsTree?
            if rest.first == "[" {
                rest = rest.dropFirst()
                inner = read(&rest)
                guard inner != nil, rest.first == "]" else { return nil }
                rest = rest.dropFirst()
            }
            var range: Range<Int>?
            if rest.first == "{" {
                let bounds = rest.dropFirst().prefix { $0 != "}" }.split(separator: ",").compactMap { Int($0) }
                guard bounds.count == 2, bounds[0] <= bounds[1], let end = rest.firstIndex(of: "}") else { return nil }
                range = bounds[0]..<bounds[1]
                rest = rest[rest.index(after: end)...]
            }
            tree.fields[String(name)] = (inner, range)
            guard rest.first == "," else { return tree }
            rest = rest.dropFirst()
        }
    }

    /// An object with the fields that are asked for; classes are always shown.
    func shown(_ value: Any) -> Any {
        if let list = value as? [Any] { return list.map { shown($0) } }
        guard let object = value as? [String: Any] else { return value }
        var result: [String: Any] = [:]
        for (name, value) in object {
            if name == "_class" { result[name] = value }
            guard let field = fields[name] else { continue }
            var value = value
            if let range = field.range, let list = value as? [Any] {
                value = Array(list[range.clamped(to: 0..<list.count)])
            }
            result[name] = field.tree.map { $0.shown(value) } ?? value
        }
        return result
    }
}

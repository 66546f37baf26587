import Yams

/// Reads a YAML text into nodes with their places.
///
/// What could surprise is refused rather than interpreted: anchors and aliases (a short text could stand for a huge
/// one), more than one document, keys that are not plain words, a key twice.
package struct YAMLReader {
    private let file: String
    private var diagnostics: [Diagnostic] = []

    private init(file: String) {
        self.file = file
    }

    /// Reads `text`; `root` is nil if it is no YAML or is empty, and the diagnostics say so.
    /// - Parameter file: the name that the diagnostics carry.
    package static func read(_ text: String, file: String) -> (root: YAMLNode?, diagnostics: [Diagnostic]) {
        var reader = YAMLReader(file: file)
        let root = reader.root(of: text)
        return (root, reader.diagnostics.sorted())
    }

    private mutating func root(of text: String) -> YAMLNode? {
        if text.contains("&") {
            // With every `*` replaced no alias can be expanded, so this parse costs what the text is long.
            var anchors = Anchors()
            guard compose(text.replacing("*", with: "_"), visiting: { anchors.collect($0) }) != nil else { return nil }
            for mark in anchors.marks {
                report(mark, "", "anchors (`&name`) and aliases (`*name`) are not taken", mend: "write the value out")
            }
            guard anchors.marks.isEmpty else { return nil }
            diagnostics = []
        }
        guard let (node, shadowed) = compose(text, visiting: { _ in }) else { return nil }
        guard let node else {
            diagnostics.append(Diagnostic(place: .wholeFile(file), problem: "the file is empty"))
            return nil
        }
        return convert(node, path: "", shadowed: shadowed)
    }

    /// Parses, getting past keys that stand twice: the first of them is renamed to a private-use letter, in place and
    /// with its column kept, and the text is parsed again.
    private mutating func compose(_ text: String, visiting: (Node) -> Void) -> (node: Node?, ShadowedKeys)? {
        var shadowed = ShadowedKeys(text: text)
        while true {
            do {
                let parser = try Parser(yaml: shadowed.text, resolver: .basic, encoding: .utf8)
                let node = try parser.singleRoot()
                // Nodes hold their anchors weakly; the parser owns them.
                withExtendedLifetime(parser) { if let node { visiting(node) } }
                return (node, shadowed)
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let mark = Mark(line: context.mark.line, column: context.mark.column)
                guard shadowed.hide(keys.sorted().first, at: mark) else {
                    report(mark, "", "`\(keys.sorted().joined(separator: "`, `"))` stands more than once in a mapping")
                    return nil
                }
            } catch {
                diagnostics.append(SyntaxFault(error, file: file, text: text).diagnostic)
                return nil
            }
        }
    }

    private mutating func convert(_ node: Node, path: String, shadowed: ShadowedKeys) -> YAMLNode {
        let mark = Mark(node.mark)
        switch node {
        case .scalar(let scalar):
            return YAMLNode(content: .scalar(scalar.string, isPlain: scalar.style == .plain), mark: mark)
        case .sequence(let sequence):
            let items = sequence.enumerated().map { convert($1, path: "\(path)[\($0)]", shadowed: shadowed) }
            return YAMLNode(content: .sequence(items), mark: mark)
        case .mapping(let mapping):
            return YAMLNode(content: .mapping(entries(of: mapping, path: path, shadowed: shadowed)), mark: mark)
        case .alias:
            return YAMLNode(content: .scalar("", isPlain: true), mark: mark)
        }
    }

    private mutating func entries(of mapping: Node.Mapping, path: String, shadowed: ShadowedKeys) -> [YAMLNode.Entry] {
        var entries: [YAMLNode.Entry] = []
        for (keyNode, valueNode) in mapping {
            guard let written = keyNode.scalar?.string else {
                report(Mark(keyNode.mark), path, "a key has to be one word")
                continue
            }
            let key = shadowed.original(of: written)
            let way = path.isEmpty ? key : "\(path).\(key)"
            let value = convert(valueNode, path: way, shadowed: shadowed)
            if let first = entries.first(where: { $0.key == key }) {
                report(
                    Mark(keyNode.mark), way,
                    "`\(key)` stands here a second time; it is already in line \(first.keyMark.line)",
                    mend: "keep one of the two")
                continue
            }
            entries.append(YAMLNode.Entry(key: key, keyMark: Mark(keyNode.mark), value: value))
        }
        return entries
    }

    private mutating func report(_ mark: Mark, _ path: String, _ problem: String, mend: String? = nil) {
        diagnostics.append(
            Diagnostic(
                place: .file(file, line: mark.line, column: mark.column), path: path, problem: problem, mend: mend))
    }
}

/// The places of anchors.
private struct Anchors {
    var marks: [Mark] = []

    mutating func collect(_ node: Node) {
        if node.anchor != nil { marks.append(Mark(node.mark)) }
        switch node {
        case .scalar, .alias: break
        case .sequence(let sequence): for item in sequence { collect(item) }
        case .mapping(let mapping):
            for (key, value) in mapping {
                collect(key)
                collect(value)
            }
        }
    }
}

extension Mark {
    fileprivate init(_ mark: Yams.Mark?) {
        self.init(line: mark?.line ?? 1, column: mark?.column ?? 1)
    }
}

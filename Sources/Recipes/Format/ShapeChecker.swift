/// Compares a YAML tree with a shape and reports everything that differs, with its place.
struct ShapeChecker {
    let file: String
    private(set) var diagnostics: [Diagnostic] = []

    init(file: String) {
        self.file = file
    }

    mutating func check(_ node: YAMLNode, _ shape: Shape, at path: String) {
        if node.isNull {
            report(node.mark, path, "has no value", mend: "give it a value or remove the key")
            return
        }
        switch shape {
        case .text(let lengths, let form, let lines): checkText(node, lengths, form, lines: lines, at: path)
        case .regularExpression: checkExpression(node, at: path)
        case .integer(let range): checkInteger(node, range, at: path)
        case .number:
            if node.number == nil { wrongType(node, "a number, such as `3` or `0.5`", at: path) }
        case .boolean:
            if node.boolean == nil { wrongType(node, "`true` or `false`", at: path) }
        case .size(let range): checkSize(node, range, at: path)
        case .sizeOrFalse(let range):
            if node.boolean == true {
                report(node.mark, path, "is `true`", mend: "write `false`, or up to which size: `5 MB`")
            } else if node.boolean == nil {
                checkSize(node, range, at: path)
            }
        case .span(let range): checkSpan(node, range, at: path)
        case .oneOf(let words): checkWord(node, words, at: path)
        case .list(let item, let count): checkList(node, item, count, at: path)
        case .object(let object): checkObject(node, object, at: path)
        case .textOrObject(let lengths, let object):
            if node.entries != nil {
                checkObject(node, object, at: path)
            } else {
                checkText(node, lengths, nil, lines: false, at: path)
            }
        }
    }

    mutating func report(
        _ mark: Mark, _ path: String, _ problem: String, mend: String? = nil, severity: Diagnostic.Severity = .error
    ) {
        diagnostics.append(
            Diagnostic(
                place: .file(file, line: mark.line, column: mark.column), severity: severity, path: path,
                problem: problem, mend: mend))
    }

    mutating func add(_ diagnostic: Diagnostic) {
        diagnostics.append(diagnostic)
    }

    private mutating func wrongType(_ node: YAMLNode, _ wanted: String, at path: String) {
        report(node.mark, path, "is \(node.kindName)", mend: "write \(wanted)")
    }
}

// MARK: - Scalars

extension ShapeChecker {
    private mutating func checkText(
        _ node: YAMLNode, _ lengths: ClosedRange<Int>, _ form: TextForm?, lines: Bool, at path: String
    ) {
        guard let text = node.string else {
            if let written = node.scalarText {
                report(
                    node.mark, path, "`\(written)` without quotes is not read as text everywhere",
                    mend: "put it in quotes: \"\(written)\"")
            } else {
                wrongType(node, "text", at: path)
            }
            return
        }
        let length = text.unicodeScalars.count
        if length < lengths.lowerBound {
            report(node.mark, path, "is empty", mend: "give it a value or remove the key")
        } else if length > lengths.upperBound {
            report(
                node.mark, path, "has \(length) characters, at most \(lengths.upperBound) are taken",
                mend: "shorten it by \(length - lengths.upperBound)")
        } else if let form, !form.matches(text) {
            report(node.mark, path, "`\(text)` is not of the wanted form", mend: "write \(form.wants)")
        }
        if let bad = text.unicodeScalars.first(where: { $0.isUnwanted(lines: lines) }) {
            let name =
                bad == "\n"
                ? "a line break" : "the control character U+\(String(bad.value, radix: 16, uppercase: true))"
            report(node.mark, path, "holds \(name)", mend: "remove it")
        }
    }

    private mutating func checkExpression(_ node: YAMLNode, at path: String) {
        guard let text = node.string else { return checkText(node, 1...1000, nil, lines: false, at: path) }
        if text.isEmpty || text.unicodeScalars.count > 1000 {
            return checkText(node, 1...1000, nil, lines: false, at: path)
        }
        do {
            _ = try Regex(text)
        } catch {
            let reason = String(describing: error).split(whereSeparator: \.isNewline).joined(separator: " ")
            report(
                node.mark, path, "is not a regular expression: \(reason)",
                mend:
                    "put a backslash before ( ) [ ] { } . * + ? | ^ $ where the character itself is meant; use single quotes"
            )
        }
    }

    private mutating func checkInteger(_ node: YAMLNode, _ range: ClosedRange<Int>, at path: String) {
        guard let number = node.integer else { return wrongType(node, "a whole number", at: path) }
        if !range.contains(number) {
            report(
                node.mark, path, "is \(number)",
                mend: "write a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
    }

    private mutating func checkSize(_ node: YAMLNode, _ range: ClosedRange<Int64>, at path: String) {
        guard let size = node.size else {
            let written = node.scalarText.map { "`\($0)` is not a size" } ?? "is \(node.kindName)"
            let unit = node.scalarText.flatMap(Self.nearUnit).map { "; did you mean `\($0)`?" } ?? ""
            let units = Measures.sizeUnits.map(\.name).joined(separator: ", ")
            return report(
                node.mark, path, written + unit,
                mend: "write a whole number with a unit, such as `20 MiB` (\(units)), or bytes as a bare number")
        }
        if !range.contains(size) {
            report(
                node.mark, path, "is \(Measures.text(size: size))",
                mend:
                    "write a size from \(Measures.text(size: range.lowerBound)) "
                    + "to \(Measures.text(size: range.upperBound))"
            )
        }
    }

    private static func nearUnit(_ text: String) -> String? {
        let number = text.prefix { $0.isNumber }
        let unit = text.dropFirst(number.count).filter { $0 != " " }.lowercased()
        guard !number.isEmpty, !unit.isEmpty else { return nil }
        let short = [
            "k": "KiB", "m": "MiB", "mb": "MB", "g": "GiB", "gb": "GB", "kb": "kB", "mib": "MiB", "gib": "GiB",
            "kib": "KiB",
        ]
        return short[unit].map { "\(number) \($0)" }
    }

    private mutating func checkSpan(_ node: YAMLNode, _ range: ClosedRange<Duration>, at path: String) {
        guard let span = node.span else {
            let written = node.scalarText.map { "`\($0)` is not a span of time" } ?? "is \(node.kindName)"
            let unit = node.integer.map { "; `\($0)s`, `\($0)m`, `\($0)h` or `\($0)d`?" } ?? ""
            return report(
                node.mark, path, written + unit,
                mend: "write a whole number and a unit without a space: `90s`, `10m`, `2h`, `7d`")
        }
        if !range.contains(span) {
            report(
                node.mark, path, "is \(Measures.text(span: span))",
                mend:
                    "write a span from \(Measures.text(span: range.lowerBound)) "
                    + "to \(Measures.text(span: range.upperBound))"
            )
        }
    }

    private mutating func checkWord(_ node: YAMLNode, _ words: [String], at path: String) {
        guard let word = node.string else { return checkText(node, 1...1000, nil, lines: false, at: path) }
        guard !words.contains(word) else { return }
        let near = Suggestion.nearest(to: word, in: words).map { "; did you mean `\($0)`?" } ?? ""
        let all = words.map { "`\($0)`" }.joined(separator: ", ")
        report(
            node.mark, path, "does not know `\(word)`\(near)",
            mend: words.count == 1 ? "write \(all); this version has no other" : "write one of \(all)")
    }
}

// MARK: - Lists and objects

extension ShapeChecker {
    private mutating func checkList(_ node: YAMLNode, _ item: Shape, _ count: ClosedRange<Int>, at path: String) {
        guard let items = node.items else {
            return wrongType(node, "a list: `[a, b]`, or lines that start with `- `", at: path)
        }
        if items.count < count.lowerBound {
            report(node.mark, path, "is an empty list", mend: "give it at least \(count.lowerBound) entry")
        }
        if items.count > count.upperBound {
            report(node.mark, path, "has \(items.count) entries, at most \(count.upperBound) are taken")
        }
        var seen: Set<String> = []
        for (index, node) in items.prefix(count.upperBound).enumerated() {
            check(node, item, at: "\(path)[\(index)]")
            if let text = node.string, !seen.insert(text).inserted {
                report(node.mark, "\(path)[\(index)]", "`\(text)` stands in the list a second time", mend: "remove it")
            }
        }
    }

    mutating func checkObject(_ node: YAMLNode, _ object: ObjectShape, at path: String) {
        guard let entries = node.entries else { return wrongType(node, "a mapping: lines of `key: value`", at: path) }
        let selection = object.selector.flatMap { node[$0]?.string }
        for entry in entries {
            let way = path.isEmpty ? entry.key : "\(path).\(entry.key)"
            if let key = object.key(entry.key, for: selection) {
                check(entry.value, key.shape, at: way)
                continue
            }
            let others = object.keys(named: entry.key)
            guard others.isEmpty else {
                // An unknown or missing selector is reported by itself.
                if object.selection(isKnown: selection) { misplaced(entry, others, selection ?? "", at: way) }
                continue
            }
            let names = object.keys.filter { $0.only.isEmpty || $0.only.contains(selection ?? "") }.map(\.name)
            let near = Suggestion.nearest(to: entry.key, in: names).map { "; did you mean `\($0)`?" } ?? ""
            report(
                entry.keyMark, way, "there is no key `\(entry.key)` here\(near)",
                mend: "the keys here are \(names.uniqued.joined(separator: ", "))")
        }
        for key in object.keys where key.isRequired && object.key(key.name, for: selection) != nil {
            guard key.only.isEmpty || key.only.contains(selection ?? ""), node[key.name] == nil else { continue }
            report(node.mark, path, "the key `\(key.name)` is missing", mend: "add `\(key.name)`: \(key.note)")
        }
    }

    private mutating func misplaced(_ entry: YAMLNode.Entry, _ keys: [Key], _ selection: String, at path: String) {
        let types = keys.flatMap(\.only).map { "`\($0)`" }.joined(separator: ", ")
        report(
            entry.keyMark, path, "a field of type `\(selection)` has no `\(entry.key)`",
            mend: "remove it; it belongs to fields of type \(types)")
    }
}

extension ObjectShape {
    func selection(isKnown selection: String?) -> Bool {
        guard let selector, case .oneOf(let words)? = keys(named: selector).first?.shape else { return true }
        return selection.map(words.contains) ?? false
    }
}

extension TextForm {
    func matches(_ text: String) -> Bool {
        guard let expression = try? Regex(pattern) else { return false }
        return text.wholeMatch(of: expression) != nil
    }
}

extension Unicode.Scalar {
    /// Control characters, and those that turn the direction of text around unseen.
    fileprivate func isUnwanted(lines: Bool) -> Bool {
        if lines, self == "\n" || self == "\t" { return false }
        return properties.generalCategory == .control || (0x202A...0x202E).contains(value)
            || (0x2066...0x2069).contains(value)
    }
}

extension Array where Element: Hashable {
    /// The elements without repetitions, in their order.
    var uniqued: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}

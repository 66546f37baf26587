import Foundation
import Recipes

/// `kiln.yml`, taken apart: every value with its place, by key.
struct ConfigurationFile {
    struct Value {
        var texts: [String]
        /// Whether it was written as a list.
        var isList: Bool
        var place: Diagnostic.Place
    }

    private(set) var values: [String: Value] = [:]
    private(set) var diagnostics: [Diagnostic] = []
    private let name: String

    /// Reads the file; nil reads nothing.
    init(_ name: String?) {
        self.name = name ?? ""
        guard let name, let text = text(of: name) else { return }
        // A file in which everything is commented out is as good as none.
        let isBlank = text.split(whereSeparator: \.isNewline).allSatisfy { line in
            line.drop { $0 == " " || $0 == "\t" }.first.map { $0 == "#" } ?? true
        }
        guard !isBlank else { return }
        let (root, faults) = YAMLReader.read(text, file: name)
        diagnostics += faults
        guard let root, !root.isNull else { return }
        if let entries = root.entries {
            collect(entries, section: "")
        } else {
            report(root.mark, "", "is \(root.kindName)", mend: "write lines of `key: value`")
        }
    }

    private mutating func text(of name: String) -> String? {
        guard let file = FileHandle(forReadingAtPath: name) else {
            diagnostics.append(
                Diagnostic(
                    place: .wholeFile(name), problem: "the configuration cannot be read",
                    mend: "create it, or name another with `--config`"))
            return nil
        }
        defer { try? file.close() }
        let most = 1 << 20
        let bytes = (try? file.read(upToCount: most + 1)).flatMap { $0 }.map(Array.init) ?? []
        guard bytes.count <= most else {
            diagnostics.append(Diagnostic(place: .wholeFile(name), problem: "has more than \(most) bytes"))
            return nil
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let place = Diagnostic.Place.file(name, line: UTF8Fault.line(in: bytes), column: 1)
            diagnostics.append(
                Diagnostic(place: place, problem: "holds bytes that are not UTF-8", mend: "save the file as UTF-8"))
            return nil
        }
        return text
    }

    private mutating func collect(_ entries: [YAMLNode.Entry], section: String) {
        let keys = ConfigurationTable.keys
        for entry in entries {
            let path = section + entry.key
            if let key = keys.first(where: { $0.path == path }) {
                read(entry.value, of: key)
            } else if keys.contains(where: { $0.path.hasPrefix(path + ".") }) {
                if let inner = entry.value.entries {
                    collect(inner, section: path + ".")
                } else if !entry.value.isNull {
                    let names = keys.filter { $0.path.hasPrefix(path + ".") }.map(\.path)
                    report(
                        entry.value.mark, path, "is \(entry.value.kindName), but holds keys of its own",
                        mend: "indent under it one of \(names.joined(separator: ", "))")
                }
            } else {
                unknown(entry, path)
            }
        }
    }

    private mutating func read(_ node: YAMLNode, of key: ConfigurationKey) {
        let place = Diagnostic.Place.file(name, line: node.mark.line, column: node.mark.column)
        guard !node.isNull else {
            return report(node.mark, key.path, "has no value", mend: "give it a value or remove the key")
        }
        if let text = node.scalarText {
            values[key.path] = Value(texts: [text], isList: false, place: place)
        } else if let items = node.items, case let texts = items.compactMap(\.scalarText), texts.count == items.count {
            values[key.path] = Value(texts: texts, isList: true, place: place)
        } else {
            report(node.mark, key.path, "is \(node.kindName)", mend: "give it one value")
        }
    }

    private mutating func unknown(_ entry: YAMLNode.Entry, _ path: String) {
        let all = ConfigurationTable.keys.map(\.path)
        let sections = all.map { $0.split(separator: ".").dropLast().joined(separator: ".") }.uniqued
        // `smtp.host` at the top is a key without its section, not a typing error.
        let ending = (all + sections).first { $0.hasSuffix("." + path) }
        let near = Suggestion.nearest(to: path, in: all + sections) ?? ending
        let words = near.map { "; did you mean `\($0)`?" } ?? ""
        report(
            entry.keyMark, path, "there is no key `\(path)`\(words)", mend: "`kiln help-configuration` lists every key")
    }

    private mutating func report(_ mark: Mark, _ path: String, _ problem: String, mend: String) {
        diagnostics.append(
            Diagnostic(
                place: .file(name, line: mark.line, column: mark.column), path: path, problem: problem, mend: mend))
    }
}

extension Array where Element: Hashable {
    /// The elements without repetitions, in their order.
    fileprivate var uniqued: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}

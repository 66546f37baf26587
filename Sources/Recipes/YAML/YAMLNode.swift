/// A place in a YAML text, counted from 1; a column is a Unicode scalar.
package struct Mark: Hashable, Sendable {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// One value of a YAML text, with its place.
package struct YAMLNode: Sendable {
    package indirect enum Content: Sendable {
        /// `isPlain`: written without quotes, so that `true`, `3` and nothing at all have their own meaning.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    package struct Entry: Sendable {
        package var key: String
        package var keyMark: Mark
        package var value: YAMLNode
    }

    package var content: Content
    package var mark: Mark

    /// What a reader would call it.
    package var kindName: String {
        switch content {
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .scalar where isNull: "empty"
        case .scalar(let text, _) where boolean != nil: "`\(text)` (true or false)"
        case .scalar(let text, _) where number != nil: "`\(text)` (a number)"
        case .scalar: "text"
        }
    }
}

// MARK: - Reading. Every accessor gives nil for a value of another type.

extension YAMLNode {
    package subscript(key: String) -> YAMLNode? {
        entries?.first { $0.key == key }?.value
    }

    package var entries: [Entry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    package var items: [YAMLNode]? {
        if case .sequence(let items) = content { items } else { nil }
    }

    /// Text as written, whatever its type.
    package var scalarText: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    package var isNull: Bool {
        if case .scalar(let text, isPlain: true) = content {
            ["", "~", "null", "Null", "NULL"].contains(text)
        } else {
            false
        }
    }

    package var boolean: Bool? {
        guard case .scalar(let text, isPlain: true) = content else { return nil }
        return switch text {
        case "true", "True", "TRUE": true
        case "false", "False", "FALSE": false
        default: nil
        }
    }

    /// YAML 1.1 took these for true and false, YAML 1.2 takes them for text; written without quotes they are refused.
    package var isAmbiguousWord: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
    }

    package var integer: Int? {
        guard case .scalar(let text, isPlain: true) = content else { return nil }
        return Int(text)
    }

    package var number: Double? {
        guard case .scalar(let text, isPlain: true) = content, let first = text.unicodeScalars.first,
            first == "-" || first == "+" || first == "." || ("0"..."9").contains(first),
            !text.contains("x"), !text.contains("X"), let number = Double(text), number.isFinite
        else { return nil }
        return number
    }

    /// Text that every reader of YAML takes for text.
    package var string: String? {
        guard case .scalar(let text, let isPlain) = content else { return nil }
        if isPlain, isNull || boolean != nil || number != nil || isAmbiguousWord { return nil }
        return text
    }
}

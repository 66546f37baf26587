extension RecipeRules {
    /// How the keys of one field have to fit each other.
    mutating func checkField(_ field: YAMLNode, at path: String) {
        switch field["type"]?.string {
        case "text": checkText(field, at: path)
        case "number": checkNumber(field, at: path)
        case "choice", "multichoice": checkChoices(field, at: path)
        case "image": checkImage(field, at: path)
        default: break
        }
    }

    private mutating func checkText(_ field: YAMLNode, at path: String) {
        let most = field["max_length"]?.integer ?? 200
        if let shortest = field["min_length"], let fewest = shortest.integer, fewest > most {
            report(
                shortest, "\(path).min_length", "is \(fewest), more than `max_length` (\(most))", "swap or correct them"
            )
        }
        if let hint = field["pattern_hint"], field["pattern"] == nil {
            report(hint, "\(path).pattern_hint", "there is no `pattern`", "add `pattern`, or remove the hint")
        }
        if let pattern = field["pattern"], field["pattern_hint"] == nil {
            checker.report(
                pattern.mark, "\(path).pattern", "people will not be told what the pattern wants",
                mend: "add `pattern_hint` with the rule in words", severity: .warning)
        }
        let isColor = field["input"]?.string == "color"
        if isColor, let multiline = field["multiline"], multiline.boolean == true {
            report(multiline, "\(path).multiline", "a colour has one line", "remove it, or remove `input`")
        }
        guard let given = field["default"], let text = given.string else { return }
        let fewest = field["min_length"]?.integer ?? 0
        if text.count > most || text.count < fewest {
            report(given, "\(path).default", "has \(text.count) characters", "give it \(fewest) to \(most) characters")
        }
        if text.contains("\n"), field["multiline"]?.boolean != true {
            report(given, "\(path).default", "has line breaks", "add `multiline: true`, or remove them")
        }
        if let pattern = field["pattern"]?.string, let expression = try? Regex(pattern),
            text.wholeMatch(of: expression) == nil
        {
            report(given, "\(path).default", "does not match `pattern`", "correct one of the two")
        }
        if isColor, field["pattern"] == nil, text.wholeMatch(of: /#[0-9A-Fa-f]{6}/) == nil {
            report(given, "\(path).default", "is no colour", "write it as `'#2f5d62'`, in quotes")
        }
    }

    private mutating func checkNumber(_ field: YAMLNode, at path: String) {
        let smallest = field["min"]?.number
        let largest = field["max"]?.number
        if let smallest, let largest, smallest > largest, let node = field["min"] {
            report(node, "\(path).min", "is more than `max`", "swap or correct them")
        }
        guard let given = field["default"], let number = given.number else { return }
        if number < smallest ?? number || number > largest ?? number {
            report(given, "\(path).default", "is not from `min` to `max`", "correct it")
        }
        if field["integer"]?.boolean == true, number != number.rounded() {
            report(given, "\(path).default", "is not a whole number", "correct it, or remove `integer`")
        }
    }

    private mutating func checkChoices(_ field: YAMLNode, at path: String) {
        let items = field["choices"]?.items ?? []
        var values: Set<String> = []
        for (index, item) in items.enumerated() {
            guard let node = item["value"] ?? (item.entries == nil ? item : nil), let value = node.string else {
                continue
            }
            // Plain texts that stand twice are reported with the list.
            if !values.insert(value).inserted, item.entries != nil {
                report(
                    node, "\(path).choices[\(index)].value", "`\(value)` stands in the list a second time", "remove it")
            }
        }
        for given in field["default"]?.items ?? field["default"].map({ [$0] }) ?? [] {
            guard let value = given.string, !values.contains(value), !values.isEmpty else { continue }
            let near = Suggestion.nearest(to: value, in: values.sorted()).map { "; did you mean `\($0)`?" } ?? ""
            report(
                given, "\(path).default", "`\(value)` is not one of the choices\(near)",
                "write one of \(values.sorted().map { "`\($0)`" }.joined(separator: ", "))")
        }
    }

    private mutating func checkImage(_ field: YAMLNode, at path: String) {
        guard let image = field["image"], let most = image["max_pixels"], let pixels = most.integer else { return }
        let fewest = (image["min_width"]?.integer ?? 1).multipliedReportingOverflow(
            by: image["min_height"]?.integer ?? 1)
        if fewest.overflow || fewest.partialValue > pixels {
            report(most, "\(path).image.max_pixels", "is less than `min_width` times `min_height`", "raise it")
        }
    }

    private mutating func report(_ node: YAMLNode, _ path: String, _ problem: String, _ mend: String) {
        checker.report(node.mark, path, problem, mend: mend)
    }
}

/// The JSON Schema (2020-12) of `recipe.yml`, for editors; written from the table that the loader checks against.
package enum RecipeSchema {
    /// The contents of `docs/recipe.schema.json`, with a line break at its end.
    package static func json() -> String {
        var members: [(String, JSONText)] = [
            ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            ("$id", .string("https://kiln.example/recipe.schema.json")),
            ("title", .string("Kiln recipe")),
        ]
        members += object(RecipeFormat.recipe)
        return JSONText.object(members).text + "\n"
    }

    private static func schema(of shape: Shape) -> [(String, JSONText)] {
        switch shape {
        case .text(let lengths, let form, _):
            var members = text(lengths)
            if let form { members.append(("pattern", .string(form.pattern))) }
            return members
        case .regularExpression: return text(1...1000)
        case .integer(let range):
            return [
                ("type", .string("integer")), ("minimum", .integer(Int64(range.lowerBound))),
                ("maximum", .integer(Int64(range.upperBound))),
            ]
        case .number: return [("type", .string("number"))]
        case .boolean: return [("type", .string("boolean"))]
        case .size(let range):
            let units = Measures.sizeUnits.map(\.name).joined(separator: "|")
            return [
                (
                    "anyOf",
                    .array([
                        .object([
                            ("type", .string("integer")), ("minimum", .integer(range.lowerBound)),
                            ("maximum", .integer(range.upperBound)),
                        ]),
                        .object([("type", .string("string")), ("pattern", .string("^[0-9]+( ?(\(units)))?$"))]),
                    ])
                )
            ]
        case .sizeOrFalse(let range):
            return [
                (
                    "anyOf",
                    .array([.object([("const", .boolean(false))]), .object(schema(of: .size(range)))])
                )
            ]
        case .span:
            let units = Measures.spanUnits.map(\.name).joined(separator: "|")
            return [("type", .string("string")), ("pattern", .string("^[0-9]+(\(units))$"))]
        case .oneOf(let words): return [("enum", .array(words.map { .string($0) }))]
        case .list(let item, let count):
            var members: [(String, JSONText)] = [("type", .string("array")), ("items", .object(schema(of: item)))]
            if count.lowerBound > 0 { members.append(("minItems", .integer(Int64(count.lowerBound)))) }
            members.append(("maxItems", .integer(Int64(count.upperBound))))
            return members
        case .object(let object): return Self.object(object)
        case .textOrObject(let lengths, let object):
            return [("anyOf", .array([.object(text(lengths)), .object(Self.object(object))]))]
        }
    }

    private static func text(_ lengths: ClosedRange<Int>) -> [(String, JSONText)] {
        [
            ("type", .string("string")), ("minLength", .integer(Int64(lengths.lowerBound))),
            ("maxLength", .integer(Int64(lengths.upperBound))),
        ]
    }

    private static func object(_ object: ObjectShape) -> [(String, JSONText)] {
        let common = object.keys.filter(\.only.isEmpty)
        let names = object.keys.map(\.name).uniqued
        let properties = names.map { name in
            // A key whose shape depends on the selector is bounded by the conditions below.
            (name, common.first { $0.name == name }.map(described) ?? .boolean(true))
        }
        var members: [(String, JSONText)] = [("type", .string("object"))]
        members.append(("properties", .object(properties)))
        members.append(("additionalProperties", .boolean(false)))
        let required = common.filter(\.isRequired).map(\.name)
        if !required.isEmpty { members.append(("required", .array(required.map { .string($0) }))) }
        if let selector = object.selector, case .oneOf(let words)? = object.key(selector, for: nil)?.shape {
            members.append(("allOf", .array(words.map { condition(object, selector, $0) })))
        }
        return members
    }

    /// What holds for objects whose selector is `word`.
    private static func condition(_ object: ObjectShape, _ selector: String, _ word: String) -> JSONText {
        let mine = object.keys.filter { $0.only.contains(word) }
        let foreign = object.keys.filter { key in
            !key.only.isEmpty && !mine.contains { $0.name == key.name }
        }.map(\.name).uniqued
        let properties = mine.map { ($0.name, described($0)) } + foreign.map { ($0, JSONText.boolean(false)) }
        let required = mine.filter(\.isRequired).map { JSONText.string($0.name) }
        var consequence: [(String, JSONText)] = [("properties", .object(properties))]
        if !required.isEmpty { consequence.append(("required", .array(required))) }
        let test = JSONText.object([
            ("properties", .object([(selector, .object([("const", .string(word))]))])),
            ("required", .array([.string(selector)])),
        ])
        return .object([("if", test), ("then", .object(consequence))])
    }

    private static func described(_ key: Key) -> JSONText {
        var members: [(String, JSONText)] = [("description", .string(key.note))]
        members += schema(of: key.shape)
        if let written = key.defaultText, let value = defaultValue(written) { members.append(("default", value)) }
        return .object(members)
    }

    private static func defaultValue(_ written: String) -> JSONText? {
        guard let node = YAMLReader.read(written, file: "default").root else { return nil }
        if let items = node.items { return .array(items.compactMap { $0.string.map { .string($0) } }) }
        if let flag = node.boolean { return .boolean(flag) }
        if let number = node.integer { return .integer(Int64(number)) }
        return node.scalarText.map { .string($0) }
    }
}

package import Domain

/// The JSON Schema (2020-12) of a recipe's submission as a JSON body: one member a field. Files travel in
/// `multipart/form-data` only; the schema lists them under `x-kiln-files`.
package enum FormSchema {
    /// The schema of `recipe`'s form.
    package static func json(for recipe: Recipe) -> String {
        value(for: recipe).text
    }

    /// The same, to be put into a larger document.
    package static func value(for recipe: Recipe) -> JSONText {
        let values = recipe.fields.filter { $0.fileRule == nil }
        let required = values.filter(\.isRequired).map { JSONText.string($0.name.text) }
        var members: [(String, JSONText)] = [
            ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            ("title", .string(recipe.title)),
            ("description", .string(recipe.summary)),
            ("type", .string("object")),
            ("properties", .object(values.map { ($0.name.text, schema(of: $0)) })),
            ("required", .array(required)),
            ("additionalProperties", .boolean(false)),
        ]
        let files = recipe.fields.compactMap { field in
            field.fileRule.map { (field.name.text, file(field, $0)) }
        }
        if !files.isEmpty { members.append(("x-kiln-files", .object(files))) }
        return .object(members)
    }

    private static func schema(of field: Field) -> JSONText {
        var members = described(field)
        switch field.kind {
        case .text(let rule): members += text(rule, isRequired: field.isRequired)
        case .email: members += [("type", .string("string")), ("format", .string("email"))]
        case .url: members += [("type", .string("string")), ("format", .string("uri"))]
        case .number(let rule):
            members.append(("type", .string(rule.isInteger ? "integer" : "number")))
            if let min = rule.min { members.append(("minimum", .number(min))) }
            if let max = rule.max { members.append(("maximum", .number(max))) }
            if let number = rule.defaultValue { members.append(("default", .number(number))) }
        case .choice(let choices, let value):
            members += [("type", .string("string")), ("enum", values(choices))]
            if let value { members.append(("default", .string(value))) }
        case .toggle(let value):
            members += [("type", .string("boolean")), ("default", .boolean(value))]
            // A required toggle is a consent: it has to be on.
            if field.isRequired { members.append(("const", .boolean(true))) }
        case .multichoice(let choices, let chosen):
            members += [
                ("type", .string("array")),
                ("items", .object([("type", .string("string")), ("enum", values(choices))])),
                ("uniqueItems", .boolean(true)),
                ("default", .array(chosen.map { .string($0) })),
            ]
            if field.isRequired { members.append(("minItems", .integer(1))) }
        case .image, .archive, .file: break
        }
        return .object(members)
    }

    /// JSON Schema counts code points where Kiln counts characters as people do: text with combining marks may be longer
    /// than `maxLength` says and still be taken.
    private static func text(_ rule: TextRule, isRequired: Bool) -> [(String, JSONText)] {
        var members: [(String, JSONText)] = [("type", .string("string"))]
        // An empty text is no text.
        let least = max(rule.minLength, isRequired ? 1 : 0)
        if least > 0, isRequired { members.append(("minLength", .integer(Int64(least)))) }
        members.append(("maxLength", .integer(Int64(rule.maxLength))))
        if let pattern = rule.pattern { members.append(("pattern", .string("^(?:\(pattern))$"))) }
        if let value = rule.defaultValue { members.append(("default", .string(value))) }
        return members
    }

    private static func described(_ field: Field) -> [(String, JSONText)] {
        var members: [(String, JSONText)] = [("title", .string(field.label))]
        if let help = field.help { members.append(("description", .string(help))) }
        if let example = field.placeholder { members.append(("examples", .array([.string(example)]))) }
        return members
    }

    private static func file(_ field: Field, _ rule: FileRule) -> JSONText {
        .object(
            described(field) + [
                ("required", .boolean(field.isRequired)), ("accept", .array(rule.accept.map { .string($0) })),
                ("max_bytes", .integer(rule.maxBytes)),
            ])
    }

    private static func values(_ choices: [Choice]) -> JSONText {
        .array(choices.map { .string($0.value) })
    }
}

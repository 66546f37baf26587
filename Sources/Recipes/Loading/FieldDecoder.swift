import Domain

/// Makes one field from a tree in which no errors were found.
struct FieldDecoder {
    private let reader: ObjectReader
    private let node: YAMLNode

    init(_ node: YAMLNode) {
        self.node = node
        reader = ObjectReader(node, RecipeFormat.field)
    }

    func field() throws(ObjectReader.Gap) -> Field {
        Field(
            name: FieldName(unchecked: try reader.text("name")), label: try reader.text("label"),
            help: try reader.optional("help", \.string), group: try reader.optional("group", \.string),
            isRequired: try reader.flag("required"), isPrivate: try reader.flag("private"),
            placeholder: try reader.optional("placeholder", \.string), kind: try kind())
    }

    private func kind() throws(ObjectReader.Gap) -> Field.Kind {
        switch try reader.text("type") {
        case "text": .text(try textRule())
        case "email": .email
        case "url": .url
        case "number":
            .number(
                NumberRule(
                    min: try reader.optional("min", \.number), max: try reader.optional("max", \.number),
                    isInteger: try reader.flag("integer"), defaultValue: try reader.optional("default", \.number)))
        case "choice": .choice(try choices(), default: try reader.optional("default", \.string))
        case "toggle": .toggle(default: try reader.flag("default"))
        case "multichoice": .multichoice(try choices(), default: try reader.texts("default"))
        case "image": .image(try fileRule(), try imageRule())
        case "archive": .archive(try fileRule(), try archiveRule())
        case "file": .file(try fileRule())
        default: throw ObjectReader.Gap(key: "type")
        }
    }

    private func textRule() throws(ObjectReader.Gap) -> TextRule {
        let isColor = try reader.text("input") == "color"
        var rule = TextRule(
            minLength: try reader.integer("min_length"), maxLength: try reader.integer("max_length"),
            pattern: try reader.optional("pattern", \.string),
            patternHint: try reader.optional("pattern_hint", \.string),
            isMultiline: try reader.flag("multiline"), isColor: isColor,
            defaultValue: try reader.optional("default", \.string))
        if isColor, rule.pattern == nil {
            rule.pattern = RecipeFormat.colorPattern
            rule.patternHint = "A colour as # and six hex digits, such as #2f5d62"
        }
        return rule
    }

    private func choices() throws(ObjectReader.Gap) -> [Choice] {
        var choices: [Choice] = []
        for item in node["choices"]?.items ?? [] {
            if let text = item.string {
                choices.append(Choice(value: text, label: text))
            } else {
                let reader = ObjectReader(item, RecipeFormat.choice)
                let value = try reader.text("value")
                choices.append(
                    Choice(
                        value: value, label: try reader.optional("label", \.string) ?? value,
                        help: try reader.optional("help", \.string)))
            }
        }
        return choices
    }

    private func fileRule() throws(ObjectReader.Gap) -> FileRule {
        FileRule(accept: try reader.texts("accept"), maxBytes: try reader.size("max_bytes"))
    }

    private func imageRule() throws(ObjectReader.Gap) -> ImageRule {
        let image = reader.object("image", RecipeFormat.image)
        guard let fit = ImageRule.Fit(rawValue: try image.text("fit")) else { throw ObjectReader.Gap(key: "fit") }
        guard let format = ImageRule.Format(rawValue: try image.text("format")) else {
            throw ObjectReader.Gap(key: "format")
        }
        return ImageRule(
            maxPixels: Int64(try image.integer("max_pixels")), minWidth: try image.integer("min_width"),
            minHeight: try image.integer("min_height"), width: try image.integer("width"),
            height: try image.integer("height"), fit: fit, format: format)
    }

    private func archiveRule() throws(ObjectReader.Gap) -> ArchiveRule {
        let archive = reader.object("archive", RecipeFormat.archive)
        return ArchiveRule(
            maxEntries: try archive.integer("max_entries"), maxUnpackedBytes: try archive.size("max_unpacked_bytes"),
            required: try archive.texts("required"))
    }
}

extension RecipeFormat {
    static let fieldTypes = [
        "text", "email", "url", "number", "choice", "toggle", "multichoice", "image", "archive", "file",
    ]

    static let field = ObjectShape(
        common + text + number + choices + files, selector: "type")

    private static let common = [
        Key("name", fieldName, required: true, "The field's name: in the form, in the run's inputs, in templates."),
        Key("type", .oneOf(fieldTypes), required: true, "What is asked for."),
        Key("label", .text(1...80), required: true, "What the form calls it."),
        Key("help", .text(1...500, lines: true), "A sentence under the field."),
        Key("group", .text(1...80), "Title of the group of fields that it stands in."),
        Key(
            "required", .boolean, default: "false",
            "Whether a submission without it is refused; a required toggle has to be on."),
        Key("private", .boolean, default: "false", "Whether it is kept from the run (an address)."),
        Key(
            "placeholder", .text(1...120), only: ["text", "email", "url", "number"],
            "An example that the empty field shows."),
    ]

    private static let text = [
        Key("default", .text(0...100_000, lines: true), only: ["text"], "What is taken when nothing is given."),
        Key("min_length", .integer(0...100_000), default: "0", only: ["text"], "Fewest characters."),
        Key("max_length", .integer(1...100_000), default: "200", only: ["text"], "Most characters."),
        Key("pattern", .regularExpression, only: ["text"], "A regular expression that the whole value has to match."),
        Key("pattern_hint", .text(1...200), only: ["text"], "What the pattern wants, in words."),
        Key("multiline", .boolean, default: "false", only: ["text"], "Whether line breaks are taken."),
        Key(
            "input", .oneOf(["text", "color"]), default: "text", only: ["text"],
            "`color`: a colour as `#` and six hex digits, with a colour chooser beside it; `pattern` can ask for another form."
        ),
    ]

    /// What a text with `input: color` has to match that says nothing else.
    static let colorPattern = "#[0-9A-Fa-f]{6}"

    private static let number = [
        Key("default", .number, only: ["number"], "What is taken when nothing is given."),
        Key("min", .number, only: ["number"], "Smallest number."),
        Key("max", .number, only: ["number"], "Largest number."),
        Key("integer", .boolean, default: "false", only: ["number"], "Whether only whole numbers are taken."),
    ]

    private static let choices = [
        Key("default", .text(1...100), only: ["choice"], "The value that is chosen when nothing is given."),
        Key(
            "default", .list(.text(1...100), count: 0...500), default: "[]", only: ["multichoice"],
            "The values that are chosen when nothing is given."),
        Key("default", .boolean, default: "false", only: ["toggle"], "Whether it is on when nothing is given."),
        Key(
            "choices", .list(.textOrObject(1...100, choice), count: 1...500), required: true,
            only: ["choice", "multichoice"], "What can be chosen; a plain text is value and label at once."),
    ]

    static let choice = ObjectShape([
        Key("value", .text(1...100), required: true, "What the run gets."),
        Key("label", .text(1...100), "What the form shows; without it the value."),
        Key("help", .text(1...300), "A sentence beside it."),
    ])

    private static let files = [
        Key(
            "accept", .list(.oneOf(imageTypes), count: 1...20), default: "[image/png, image/jpeg, image/webp]",
            only: ["image"], "Kinds that are taken, by content."),
        Key(
            "accept", .list(.oneOf(archiveTypes), count: 1...20),
            default: "[application/zip, application/x-tar, application/gzip]", only: ["archive"],
            "Kinds that are taken, by content."),
        Key(
            "accept", .list(.text(3...127, form: mimeForm), count: 1...50), required: true, only: ["file"],
            "Kinds that are taken, by content."),
        Key(
            "max_bytes", .size(1...1 << 40), default: "20 MiB", only: ["image", "archive", "file"], "Largest size."),
        Key("image", .object(image), required: true, only: ["image"], "Bounds and target of the picture."),
        Key("archive", .object(archive), only: ["archive"], "Bounds of the archive."),
    ]

    /// What the picture tools can read.
    static let imageTypes = ["image/png", "image/jpeg", "image/webp", "image/svg+xml"]
    /// What can be walked before it is accepted.
    static let archiveTypes = ["application/zip", "application/x-tar", "application/gzip"]

    static let image = ObjectShape([
        Key("max_pixels", .integer(1...1_000_000_000), default: "50000000", "Width times height that is taken."),
        Key("min_width", .integer(1...32768), default: "1", "Smallest width that is taken, in pixels."),
        Key("min_height", .integer(1...32768), default: "1", "Smallest height that is taken, in pixels."),
        Key("width", .integer(1...16384), required: true, "Width that it is made to, in pixels."),
        Key("height", .integer(1...16384), required: true, "Height that it is made to, in pixels."),
        Key(
            "fit", .oneOf(["cover", "contain", "inside"]), default: "cover",
            "`cover` fills the size and cuts what overhangs, `contain` fills up the rest, `inside` keeps the shape."
        ),
        Key("format", .oneOf(["png", "jpeg", "webp"]), default: "png", "Format that it is made to."),
    ])

    static let archive = ObjectShape([
        Key("max_entries", .integer(1...1_000_000), default: "1000", "Most entries."),
        Key("max_unpacked_bytes", .size(1...1 << 40), default: "100 MiB", "Largest size of everything unpacked."),
        Key(
            "required",
            .list(
                .text(
                    1...200,
                    form: TextForm(
                        pattern: #"^[^/\\][^\\]*$"#, wants: "a path inside the archive, not starting with `/`")),
                count: 0...100),
            default: "[]", "Names that the archive has to hold."),
    ])
}

/// The steps before and after the run itself.
extension RecipeFormat {
    static let check = ObjectShape([
        Key("script", .text(1...200), required: true, "A script in the recipe's folder, run in the sandbox."),
        Key("uses", .list(fieldName, count: 0...64), "The fields that it reads; without it those of `build.uses`."),
        Key("tools", tools, default: "[]", "Programs that the script calls."),
        Key("limits", .object(limits), "What it may use; people wait for it."),
    ])

    static let fetch = ObjectShape([
        Key("from", fieldName, required: true, "The field of type `url` whose value is the address to fetch from."),
        Key(
            "into", fieldName, required: true,
            "The name under which the run finds what was fetched, one zip; not the name of a field."),
        Key(
            "documents", .list(.object(document), count: 1...50), required: true,
            "What is fetched below the address."),
        Key("max_document_bytes", .size(1...1 << 30), default: "20 MiB", "Largest size of one document."),
        Key(
            "max_pictures", .integer(0...10_000), default: "0",
            "Most pictures that the check script may have fetched as well."),
        Key("max_picture_bytes", .size(1...1 << 30), default: "10 MiB", "Largest size of one picture."),
        Key("max_bytes", .size(1...1 << 34), default: "200 MiB", "Everything together."),
        Key("time", .span(.seconds(1)...days(1)), default: "2m", "For everything together."),
    ])

    static let document = ObjectShape([
        Key(
            "path",
            .text(
                1...200,
                form: TextForm(
                    pattern: #"^/[A-Za-z0-9._~/-]*$"#,
                    wants: "a path that begins with `/`: letters, digits and . _ ~ - /")),
            required: true, "Put behind the address."),
        Key("name", .text(1...64, form: documentForm), required: true, "What the run finds it under."),
        Key("required", .boolean, default: "true", "Whether the build fails without it."),
    ])

    static let sign = ObjectShape([
        Key(
            "artifact", .text(1...100), required: true,
            "The pattern of `artifacts` whose file is signed, as it is written there."),
        Key("scheme", .oneOf(["apk"]), default: "apk", "How: `apk` is Android's, schemes 1 to 3."),
        Key(
            "packages",
            .text(
                3...200,
                form: TextForm(
                    pattern: #"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\.\*$"#,
                    wants: "a prefix of package names with `.*` at its end, such as `org.example.event.*`")),
            required: true, "The packages that may be signed."),
    ])

    static let generatorAPI = ObjectShape([
        Key("endpoint", fieldName, required: true, "The field of type `url` that the API's `endpoint` goes into.")
    ])

    private static let documentForm = TextForm(
        pattern: #"^[A-Za-z0-9_][A-Za-z0-9._-]*$"#, wants: "a file name: letters, digits and . _ -")
}

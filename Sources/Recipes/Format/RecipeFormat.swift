/// Every key of `recipe.yml`: the one table from which the loader, the JSON Schema and the guide's tables are made.
enum RecipeFormat {
    static let recipe = ObjectShape([
        Key("id", .text(1...64, form: idForm), required: true, "The name of the recipe: the name of its folder."),
        Key("title", .text(1...80), required: true, "What is built, as the list and the mail call it."),
        Key("summary", .text(1...300), required: true, "One or two sentences for the list."),
        Key("picture", .text(1...200), "A picture in the recipe's folder for the list (svg, png, jpg, webp)."),
        Key("order", .integer(-100_000...100_000), default: "100", "Place in the list; small comes first."),
        Key(
            "offered", .boolean, default: "true",
            "Whether the form is shown and taken; builds that were accepted before still end."),
        Key(
            "fields", .list(.object(field), count: 1...64), required: true,
            "What can be asked for, in the order of the form."),
        Key("prepare", .object(prepare), "What is made once, at set-up."),
        Key("check", .object(check), "A script that looks through a submission before it is accepted."),
        Key("fetch", .object(fetch), "What Kiln fetches itself for a build."),
        Key("build", .object(build), required: true, "How a build is run."),
        Key("watch", .object(watch), "How the log is read."),
        Key(
            "artifacts", .list(.object(artifact), count: 1...20), required: true,
            "Which files of the output folder come out, and what they have to be; each rule has to match one at least."),
        Key("sign", .object(sign), "What Kiln signs itself, with a key that no run sees."),
        Key("verify", .object(verify), "A script that tries the artifacts out before the build succeeds."),
        Key(
            "retention", .span(.seconds(60)...days(3650)), default: "7d",
            "How long artifacts, log and uploads are kept after the build's end."),
        Key("mail", .object(mail), "What is mailed."),
        Key(
            "generator_api", .object(generatorAPI),
            "Answers the API of the Open Event App Generator, version 2, with this recipe."),
    ])

    static let prepare = ObjectShape([
        Key("script", .text(1...200), required: true, "A script in the recipe's folder; it may use the network."),
        Key("time_limit", .span(.seconds(1)...days(1)), default: "10m", "How long it may run."),
        Key("tools", tools, default: "[]", "Programs that the script calls."),
    ])

    static let build = ObjectShape(
        providers + providerSettings + work)

    private static let providers: [Key] = [
        Key("provider", .oneOf(providerNames), default: "local", "Which system builds."),
        Key(
            "fallback", .list(.oneOf(providerNames), count: 0...7), default: "[]",
            "Which ones build while those before them are down, in this order."),
    ]

    private static let work: [Key] = [
        Key("script", .text(1...200), "For `local`: a script in the recipe's folder, run in the sandbox."),
        Key("tools", tools, default: "[]", "Programs that the script calls; `kiln doctor` looks for them."),
        Key(
            "uses", .list(fieldName, count: 0...64), default: "[]",
            "The fields that the script reads, so that a field that nobody uses is noticed."),
        Key(
            "parameters", .list(.object(parameter), count: 0...50), default: "[]",
            "What a remote job is given beside `KILN_ATTEMPT` and `KILN_URL`."),
        Key(
            "bundle", .list(fieldName, count: 0...64),
            "The fields whose values and files are bundled for a remote job; without it all but private ones."),
        Key("limits", .object(limits), "What one run may use."),
        Key(
            "at_once", .integer(1...1000),
            "Most builds of this recipe under way at once; without it only the provider's own limit counts."),
        Key(
            "triggers_per_minute", .integer(1...1000),
            "Most runs of this recipe that are started in a minute; without it only the provider's own limit counts."),
        Key("priority", .integer(-1000...1000), default: "0", "Higher is claimed first."),
        Key(
            "max_attempts", .integer(1...10), default: "3",
            "How many attempts infrastructure faults may use up, the first included."),
        Key(
            "max_wait", .span(.seconds(1)...days(90)), default: "24h",
            "How long a build may wait in the queue before it expires."),
        Key(
            "reuse", .span(.seconds(1)...days(90)),
            "How old the result of an identical submission may be to be given out again; without it each is built."),
        Key(
            "targets", fieldName,
            "A field of type `multichoice` of which each chosen value makes one build, with one page and one mail."),
    ]

    static let limits = ObjectShape([
        Key("time", .span(.seconds(1)...days(1)), default: "10m", "Wall time."),
        Key("cpu", .span(.seconds(1)...days(4)), default: "10m", "CPU time of one process."),
        Key("memory", .size(16 << 20...1 << 40), default: "1 GiB", "Memory."),
        Key(
            "address_space", .sizeOrFalse(64 << 20...1 << 46),
            "Address space of one process, `false` for no limit (Java and browsers reserve much and use little); "
                + "without it four times the memory, at least 8 GiB."),
        Key("processes", .integer(1...65536), default: "256", "Processes and threads at once."),
        Key("open_files", .integer(16...1_048_576), default: "1024", "Open files of one process."),
        Key("output", .size(4096...1 << 42), default: "1 GiB", "Everything that the run writes, scratch included."),
        Key("log", .size(1024...1 << 30), default: "4 MiB", "Log; what comes after it is cut."),
    ])

    static let watch = ObjectShape([
        Key(
            "phases", .list(.object(phase), count: 0...200), default: "[]",
            "Lines of the log that begin a phase; the first pattern that matches counts."),
        Key(
            "errors", .list(.regularExpression, count: 0...50), default: "[]",
            "The first line that one matches is the error; its first capture, if it has one."),
        Key(
            "interval", .span(.seconds(1)...days(1)),
            "How often a remote run is looked at; without it as often as is good for the provider."),
        Key("release", .object(release), "Where a CI publishes the result, if it does not hand it out itself."),
    ])

    static let phase = ObjectShape([
        Key("match", .regularExpression, required: true, "A regular expression, searched in a line of the log."),
        Key("label", .text(1...80), required: true, "What the requester reads."),
        Key("percent", .integer(0...100), "How far the build is then."),
    ])

    static let artifact = ObjectShape([
        Key(
            "match",
            .text(
                1...100,
                form: TextForm(
                    pattern: #"^[A-Za-z0-9_*?+][A-Za-z0-9._*?+-]*$"#,
                    wants: "a file name with `*` and `?`, without folders: letters, digits and . _ + -")),
            required: true, "A file name pattern with `*` and `?` for names directly in the output folder."),
        Key("content_type", .text(3...127, form: mimeForm), "The MIME type that the file has to have, by its content."),
        Key("max_bytes", .size(1...1 << 40), default: "1 GiB", "Largest size."),
    ])

    static let verify = ObjectShape([
        Key("script", .text(1...200), required: true, "A script in the recipe's folder, run in the sandbox."),
        Key(
            "picture", .text(1...100, form: pictureForm),
            "The picture that it leaves in its output folder, shown on the page and in the mail."),
        Key("tools", tools, default: "[]", "Programs that the script calls."),
        Key("limits", .object(limits), "What it may use."),
    ])

    static let mail = ObjectShape([
        Key(
            "subject_success", .text(1...200),
            "Subject of the mail that brings the link; `{{field}}` stands for what was asked for."),
        Key("subject_failure", .text(1...200), "Subject of the mail that says why there is none."),
        Key(
            "attach", .sizeOrFalse(1...100 << 20), default: "false",
            "Up to which size a product is attached to the mail as well, if the mail server takes so much."),
        Key(
            "languages", .list(language, count: 1...50),
            "The languages of the mails, the first for those who read none of them; without it all that there are."),
    ])

    // MARK: - Parts used more than once

    static let tools = Shape.list(
        .text(
            1...64,
            form: TextForm(
                pattern: #"^[A-Za-z0-9_\[][A-Za-z0-9._+-]*$"#, wants: "the bare name of a program, such as `xorriso`")),
        count: 0...100)

    static let fieldName = Shape.text(
        1...32,
        form: TextForm(
            pattern: "^[a-z][a-z0-9_]{0,31}$",
            wants: "a small letter, then small letters, digits and `_`, at most 32"))

    static let language = Shape.text(
        2...35,
        form: TextForm(
            pattern: "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", wants: "a language tag, such as `de` or `zh-Hans`"))

    static let idForm = TextForm(
        pattern: "^[a-z0-9][a-z0-9-]{0,63}$", wants: "small letters, digits and `-`, not starting with `-`, at most 64")

    static let mimeForm = TextForm(
        pattern: #"^[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*$"#,
        wants: "a MIME type in small letters, such as `image/png`, without `*`")

    static let pictureForm = TextForm(
        pattern: #"^[A-Za-z0-9_][A-Za-z0-9._-]*\.(png|jpg|jpeg|webp)$"#,
        wants: "a file name that ends in .png, .jpg or .webp")

    static func days(_ number: Int) -> Duration { .seconds(number * 86400) }
}

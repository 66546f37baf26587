import Domain

/// Makes the recipe from a tree in which no errors were found.
struct RecipeDecoder {
    let digest: String

    func recipe(_ root: YAMLNode) throws(ObjectReader.Gap) -> Recipe {
        let reader = ObjectReader(root, RecipeFormat.recipe)
        var fields: [Field] = []
        for field in root["fields"]?.items ?? [] { fields.append(try FieldDecoder(field).field()) }
        var artifacts: [ArtifactRule] = []
        for rule in reader.objects("artifacts", RecipeFormat.artifact) {
            artifacts.append(
                ArtifactRule(
                    match: try rule.text("match"), contentType: try rule.optional("content_type", \.string),
                    maxBytes: try rule.size("max_bytes")))
        }
        let mail = reader.object("mail", RecipeFormat.mail)
        return Recipe(
            id: RecipeID(unchecked: try reader.text("id")), title: try reader.text("title"),
            summary: try reader.text("summary"), picture: try reader.optional("picture", \.string),
            order: try reader.integer("order"), isOffered: try reader.flag("offered"), fields: fields,
            prepare: try prepare(reader), check: try check(reader), fetch: try fetch(reader),
            build: try build(reader.object("build", RecipeFormat.build)),
            watch: try watch(reader.object("watch", RecipeFormat.watch)), artifacts: artifacts,
            sign: try sign(reader), verify: try verify(reader), generatorAPI: try generatorAPI(reader),
            retention: try reader.span("retention"),
            mail: MailTexts(
                subjectSuccess: try mail.optional("subject_success", \.string),
                subjectFailure: try mail.optional("subject_failure", \.string),
                // `false`, as written or by default, is no size.
                attach: root["mail"]?["attach"]?.size,
                languages: mail.has("languages") ? try mail.texts("languages").compactMap { LanguageTag($0) } : []),
            digest: digest)
    }

    private func prepare(_ reader: ObjectReader) throws(ObjectReader.Gap) -> PrepareStep? {
        guard reader.has("prepare") else { return nil }
        let prepare = reader.object("prepare", RecipeFormat.prepare)
        return PrepareStep(
            script: try prepare.text("script"), timeLimit: try prepare.span("time_limit"),
            tools: try prepare.texts("tools"))
    }

    private func build(_ build: ObjectReader) throws(ObjectReader.Gap) -> BuildStep {
        let names = try [build.text("provider")] + build.texts("fallback")
        var providers: [ProviderSettings] = []
        for name in names { providers.append(try ProviderDecoder(build).settings(of: name)) }
        var parameters: [JobParameter] = []
        for parameter in build.objects("parameters", RecipeFormat.parameter) {
            parameters.append(
                JobParameter(name: try parameter.text("name"), value: try parameter.template("value")))
        }
        return BuildStep(
            providers: providers, script: try build.optional("script", \.string), tools: try build.texts("tools"),
            uses: try build.texts("uses").map { FieldName(unchecked: $0) }, parameters: parameters,
            bundle: build.has("bundle") ? try build.texts("bundle").map { FieldName(unchecked: $0) } : nil,
            limits: try limits(build), atOnce: try build.optional("at_once", \.integer),
            triggersPerMinute: try build.optional("triggers_per_minute", \.integer),
            priority: try build.integer("priority"), maxAttempts: try build.integer("max_attempts"),
            maxWait: try build.span("max_wait"), reuseWithin: try build.optional("reuse", \.span),
            targets: try build.optional("targets", \.string).map { FieldName(unchecked: $0) })
    }

    func limits(_ step: ObjectReader) throws(ObjectReader.Gap) -> RunLimits {
        let limits = step.object("limits", RecipeFormat.limits)
        let addressSpace = try limits.optional("address_space") { node -> RunLimits.AddressSpace? in
            node.size.map { .bytes($0) } ?? (node.boolean == false ? .unlimited : nil)
        }
        return RunLimits(
            time: try limits.span("time"), cpu: try limits.span("cpu"), memory: try limits.size("memory"),
            addressSpace: addressSpace, processes: try limits.integer("processes"),
            openFiles: try limits.integer("open_files"),
            output: try limits.size("output"), log: try limits.size("log"))
    }

    private func watch(_ watch: ObjectReader) throws(ObjectReader.Gap) -> Watch {
        var phases: [PhasePattern] = []
        for phase in watch.objects("phases", RecipeFormat.phase) {
            phases.append(
                PhasePattern(
                    match: try phase.text("match"), label: try phase.text("label"),
                    percent: try phase.optional("percent", \.integer)))
        }
        return Watch(
            phases: phases, errors: try watch.texts("errors"), interval: try watch.optional("interval", \.span),
            release: try release(watch))
    }

    private func release(_ watch: ObjectReader) throws(ObjectReader.Gap) -> ReleaseWatch? {
        guard watch.has("release") else { return nil }
        let release = watch.object("release", RecipeFormat.release)
        var links: [JobTemplate] = []
        for link in try release.texts("links") { links.append(try ObjectReader.template(link, "links")) }
        return ReleaseWatch(
            links: links, interval: try release.span("interval"),
            longestInterval: try release.span("longest_interval"), patience: try release.span("patience"))
    }

    private func verify(_ reader: ObjectReader) throws(ObjectReader.Gap) -> VerifyStep? {
        guard reader.has("verify") else { return nil }
        let verify = reader.object("verify", RecipeFormat.verify)
        return VerifyStep(
            script: try verify.text("script"), tools: try verify.texts("tools"), limits: try limits(verify),
            picture: try verify.optional("picture", \.string))
    }
}

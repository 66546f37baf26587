import Domain

/// How what is said of providers, parameters and links has to fit.
extension RecipeRules {
    /// Names beside the fields that a parameter may use, and those that are fixed when a build is accepted.
    static let builtins = [
        "kiln.attempt", "kiln.build", "kiln.date", "kiln.number", "kiln.page", "kiln.target", "kiln.url",
    ]
    static let fixedBuiltins = ["kiln.build", "kiln.date", "kiln.number", "kiln.target"]

    /// In the order of preference.
    private var providers: [(name: String, mark: Mark, path: String)] {
        guard let build = root["build"] else { return [] }
        let first = build["provider"]
        let further = (build["fallback"]?.items ?? []).enumerated().compactMap { index, node in
            node.string.map { ($0, node.mark, "build.fallback[\(index)]") }
        }
        return [(first?.string ?? "local", first?.mark ?? build.mark, "build.provider")] + further
    }

    mutating func checkProviders() {
        guard let build = root["build"] else { return }
        var seen: Set<String> = []
        for provider in providers {
            if !seen.insert(provider.name).inserted {
                checker.report(
                    provider.mark, provider.path, "`\(provider.name)` is named twice", mend: "remove one of the two")
            } else if provider.name == "local" {
                if build["script"] == nil {
                    checker.report(
                        build.mark, "build", "the key `script` is missing",
                        mend: "add `script`: a script in the recipe's folder, run in the sandbox")
                }
            } else if RecipeFormat.providerNames.contains(provider.name), build[provider.name] == nil {
                checker.report(
                    provider.mark, provider.path, "there is no `build.\(provider.name)` that says where that is",
                    mend: "add `\(provider.name):` with its settings (docs/providers/\(provider.name).md)")
            }
        }
        for entry in build.entries ?? [] where RecipeFormat.providerNames.contains(entry.key) {
            if !seen.contains(entry.key) {
                checker.report(
                    entry.keyMark, "build.\(entry.key)", "nothing is built there",
                    mend: "name `\(entry.key)` in `build.provider` or `build.fallback`, or remove its settings",
                    severity: .warning)
            }
            checkTemplate(entry.value["release_tag"], at: "build.\(entry.key).release_tag", allowed: Self.fixedBuiltins)
        }
        if let github = build["github"] { checkGitHub(github) }
        if !seen.contains("local"), let script = build["script"] {
            checker.report(
                script.mark, "build.script", "is run by nobody: `local` does not build this recipe",
                mend: "remove it, or add `local` to `build.fallback`", severity: .warning)
        }
    }

    private mutating func checkGitHub(_ github: YAMLNode) {
        let path = "build.github"
        if (github["workflow"] == nil) == (github["event"] == nil) {
            checker.report(
                github.mark, path, github["workflow"] == nil ? "says not what is started" : "starts two things",
                mend: "write either `workflow` (its file name) or `event` (a repository_dispatch type)")
        }
        let app = ["app_id", "installation_id", "private_key"]
        let given = app.filter { github[$0] != nil }
        if github["token"] != nil, !given.isEmpty {
            checker.report(
                github.mark, path, "names both a token and an App",
                mend: "remove `token`, or \(given.joined(separator: ", "))")
        } else if github["token"] == nil, given.count < app.count {
            checker.report(
                github.mark, path, "says not with which rights",
                mend: "write `token`, or `app_id`, `installation_id` and `private_key`")
        }
    }

    mutating func checkParameters() {
        var seen: Set<String> = []
        for (index, node) in (root["build"]?["parameters"]?.items ?? []).enumerated() {
            let path = "build.parameters[\(index)]"
            if let name = node["name"], let text = name.string {
                if !seen.insert(text).inserted {
                    checker.report(name.mark, "\(path).name", "`\(text)` is given twice", mend: "remove one of the two")
                }
                if text.hasPrefix("KILN_") {
                    checker.report(
                        name.mark, "\(path).name", "names that begin with `KILN_` are Kiln's own",
                        mend: "give it another name; `KILN_ATTEMPT` and `KILN_URL` are there without being written")
                }
            }
            checkTemplate(node["value"], at: "\(path).value", allowed: Self.builtins)
        }
        let remote = providers.contains { $0.name != "local" }
        if !remote, let parameters = root["build"]?["parameters"] {
            checker.report(
                parameters.mark, "build.parameters", "are given to nobody: only `local` builds this recipe",
                mend: "remove them; a local script reads $KILN_INPUTS", severity: .warning)
        }
    }

    mutating func checkBundleAndTargets() {
        for (index, node) in (root["build"]?["bundle"]?.items ?? []).enumerated() {
            guard let name = node.string else { continue }
            checkGiven(name, node.mark, "build.bundle[\(index)]")
        }
        guard let targets = root["build"]?["targets"], let name = targets.string else { return }
        guard let field = fields.first(where: { $0.name == name }) else {
            checker.report(targets.mark, "build.targets", unknown(name), mend: "name a field of this recipe")
            return
        }
        if field.node["type"]?.string != "multichoice" {
            checker.report(
                targets.mark, "build.targets", "`\(name)` is no field of type `multichoice`",
                mend: "name one whose chosen values are to be built one by one")
        } else if field.node["required"]?.boolean != true {
            checker.report(
                targets.mark, "build.targets", "`\(name)` may be left empty, and then there would be nothing to build",
                mend: "add `required: true` to the field")
        }
    }

    mutating func checkRelease() {
        guard let release = root["watch"]?["release"] else { return }
        for (index, node) in (release["links"]?.items ?? []).enumerated() {
            let path = "watch.release.links[\(index)]"
            checkTemplate(node, at: path, allowed: Self.fixedBuiltins)
            guard let text = node.string else { continue }
            let host =
                text.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).dropFirst(2).first ?? ""
            if !text.hasPrefix("https://") && !text.hasPrefix("http://") || host.isEmpty {
                checker.report(
                    node.mark, path, "is not a web address", mend: "begin it with `https://` and a host's name")
            } else if host.contains("{{") {
                checker.report(
                    node.mark, path, "lets a requester choose the host", mend: "write the host's name out")
            }
        }
        if let short = release["interval"]?.span, let long = release["longest_interval"]?.span, short > long {
            checker.report(
                release.mark, "watch.release.longest_interval", "is shorter than `interval`",
                mend: "write at least \(Measures.text(span: short))")
        }
    }

    private mutating func checkTemplate(_ node: YAMLNode?, at path: String, allowed builtins: [String]) {
        guard let node, let text = node.string else { return }
        let template: JobTemplate
        do throws(JobTemplate.Fault) { template = try JobTemplate(text) } catch {
            checker.report(node.mark, path, error.problem, mend: error.mend)
            return
        }
        for name in template.names.uniqued where !builtins.contains(name) {
            if name.hasPrefix("kiln.") {
                let all = builtins.map { "`\($0)`" }.joined(separator: ", ")
                checker.report(node.mark, path, "`{{\(name)}}` is not known here", mend: "write one of \(all)")
            } else {
                checkGiven(name, node.mark, path)
            }
        }
    }

    /// Whether a field may leave this house.
    private mutating func checkGiven(_ name: String, _ mark: Mark, _ path: String) {
        guard let field = fields.first(where: { $0.name == name }) else {
            checker.report(mark, path, unknown(name), mend: "name a field of this recipe, or remove it")
            return
        }
        if field.node["private"]?.boolean == true {
            checker.report(
                mark, path, "`\(name)` is private and is never given to the run",
                mend: "remove it here, or remove `private: true` from the field")
        }
    }

    /// The fields that a remote job is given.
    var fieldsGivenAway: Set<String> {
        guard let build = root["build"], providers.contains(where: { $0.name != "local" }) else { return [] }
        var names: Set<String> = []
        let templates =
            (build["parameters"]?.items ?? []).compactMap { $0["value"]?.string }
            + RecipeFormat.providerNames.compactMap { build[$0]?["release_tag"]?.string }
            + (root["watch"]?["release"]?["links"]?.items ?? []).compactMap(\.string)
        for text in templates {
            if let template = try? JobTemplate(text) { names.formUnion(template.names) }
        }
        if let bundle = build["bundle"]?.items {
            names.formUnion(bundle.compactMap(\.string))
        } else {
            names.formUnion(fields.map(\.name))
        }
        if let targets = build["targets"]?.string { names.insert(targets) }
        return names
    }
}

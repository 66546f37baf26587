/// What the shapes cannot say: how the parts of a recipe have to fit each other and the files beside it. Works on any
/// tree, so that these findings come together with those about shapes.
struct RecipeRules {
    let root: YAMLNode
    let folder: RecipeFolder
    /// The last part of the folder's path, which has to be the id.
    let folderName: String
    var checker: ShapeChecker
    /// The fields that have a name, the first of each.
    let fields: [(name: String, node: YAMLNode, path: String)]

    init(root: YAMLNode, folder: RecipeFolder, folderName: String, file: String) {
        self.root = root
        self.folder = folder
        self.folderName = folderName
        checker = ShapeChecker(file: file)
        var seen: Set<String> = []
        fields = (root["fields"]?.items ?? []).enumerated().compactMap { index, node in
            guard let name = node["name"]?.string, seen.insert(name).inserted else { return nil }
            return (name, node, "fields[\(index)]")
        }
    }

    mutating func check() {
        checkName()
        checkFieldNames()
        for field in fields { checkField(field.node, at: field.path) }
        checkAddress()
        checkUses()
        checkProviders()
        checkParameters()
        checkBundleAndTargets()
        checkRelease()
        checkSteps()
        checkJobFiles()
        checkSubjects()
        checkArtifacts()
        checkFiles()
    }

    private mutating func checkName() {
        guard let id = root["id"], let text = id.string, text != folderName else { return }
        checker.report(
            id.mark, "id", "is `\(text)`, but the folder is named `\(folderName)`",
            mend: "write `id: \(folderName)`, or rename the folder")
    }

    private mutating func checkFieldNames() {
        var first: [String: Int] = [:]
        for (index, node) in (root["fields"]?.items ?? []).enumerated() {
            guard let name = node["name"], let text = name.string else { continue }
            if let other = first[text] {
                checker.report(
                    name.mark, "fields[\(index)].name", "`\(text)` is already the name of fields[\(other)]",
                    mend: "give one of the two another name")
            } else {
                first[text] = index
            }
        }
    }

    // MARK: - Use of the fields

    private mutating func checkAddress() {
        let addresses = fields.filter { $0.node["type"]?.string == "email" }
        for (name, node, path) in addresses.dropFirst() {
            checker.report(
                node["type"]?.mark ?? node.mark, "\(path).type",
                "`\(name)` is a second field of type `email`; mail goes to the first, `\(addresses[0].name)`",
                mend: "make it a `text` field with a pattern, if no mail is to go there", severity: .warning)
        }
        if let (name, node, path) = addresses.first, node["private"]?.boolean != true {
            // A parameter may carry it where the operator asks for that; the warning stays, since it leaves this house.
            checker.report(
                node.mark, path, "the address `\(name)` is not marked as private",
                mend: "add `private: true`: a run is never given the address", severity: .warning)
        }
        if addresses.isEmpty, let mail = root["mail"], mail.entries?.isEmpty == false {
            checker.report(
                mail.mark, "mail", "there is no field of type `email`: nobody is mailed",
                mend: "add a field of type `email`, or remove `mail`", severity: .warning)
        }
    }

    private mutating func checkUses() {
        let uses = root["build"]?["uses"]?.items ?? []
        let address = fields.first { $0.node["type"]?.string == "email" }?.name
        for (index, node) in uses.enumerated() {
            guard let name = node.string else { continue }
            let path = "build.uses[\(index)]"
            guard let field = fields.first(where: { $0.name == name }) else {
                checker.report(node.mark, path, unknown(name), mend: "name a field of this recipe, or remove it")
                continue
            }
            if name == address {
                checker.report(
                    node.mark, path, "`\(name)` is the address that is mailed to and is never given to the run",
                    mend: "remove it here")
            } else if field.node["private"]?.boolean == true {
                checker.report(
                    node.mark, path, "`\(name)` is private and is never given to the run",
                    mend: "remove it here, or remove `private: true` from the field")
            }
        }
        let used = Set(uses.compactMap(\.string)).union(subjects.flatMap { SubjectTemplate($0.text).names })
            .union(fieldsGivenAway).union(fieldsOfSteps)
        for (name, node, path) in fields where !used.contains(name) && name != address {
            guard node["private"]?.boolean != true else { continue }
            checker.report(
                node.mark, path, "unused field: `\(name)` is asked for, but neither the build nor a mail uses it",
                mend:
                    "add `\(name)` to `build.uses` (for a local script), `build.parameters` or `build.bundle`, or remove it",
                severity: .warning)
        }
    }

    func unknown(_ name: String) -> String {
        let near = Suggestion.nearest(to: name, in: fields.map(\.name)).map { "; did you mean `\($0)`?" } ?? ""
        return "there is no field `\(name)`\(near)"
    }

    private var subjects: [(key: String, text: String, mark: Mark)] {
        ["subject_success", "subject_failure"].compactMap { key in
            root["mail"]?[key].flatMap { node in node.string.map { (key, $0, node.mark) } }
        }
    }

    private mutating func checkSubjects() {
        for (key, text, mark) in subjects {
            let template = SubjectTemplate(text)
            for fault in template.faults {
                checker.report(mark, "mail.\(key)", fault.problem, mend: fault.mend)
            }
            for name in template.names.uniqued where !fields.contains(where: { $0.name == name }) {
                checker.report(
                    mark, "mail.\(key)", unknown(name), mend: "name a field of this recipe: `{{field}}`")
            }
        }
    }

    // MARK: - Artifacts and files

    private mutating func checkArtifacts() {
        let limit = root["build"]?["limits"]?["output"]?.size
        var seen: Set<String> = []
        for (index, rule) in (root["artifacts"]?.items ?? []).enumerated() {
            if let match = rule["match"], let text = match.string, !seen.insert(text).inserted {
                checker.report(
                    match.mark, "artifacts[\(index)].match",
                    "`\(text)` has a rule already: this one would match nothing",
                    mend: "remove one of the two")
            }
            if let largest = rule["max_bytes"], let bytes = largest.size, let limit, bytes > limit {
                checker.report(
                    largest.mark, "artifacts[\(index)].max_bytes",
                    "is more than `build.limits.output` (\(Measures.text(size: limit))) lets a run write",
                    mend: "raise the limit or lower this size", severity: .warning)
            }
        }
    }

    private mutating func checkFiles() {
        for step in ["prepare", "check", "build", "verify"] {
            if let script = root[step]?["script"] { checkScript(script, at: "\(step).script") }
        }
        guard let picture = root["picture"], let name = picture.string else { return }
        let kinds = [".svg", ".png", ".jpg", ".jpeg", ".webp"]
        if isInside(picture, name, at: "picture"), !kinds.contains(where: name.lowercased().hasSuffix) {
            checker.report(
                picture.mark, "picture", "`\(name)` is not named as a picture",
                mend: "use a file that ends in \(kinds.joined(separator: ", "))")
        }
    }

    private mutating func checkScript(_ node: YAMLNode, at path: String) {
        guard let name = node.string, isInside(node, name, at: path) else { return }
        if case .file(_, isExecutable: false)? = folder.entry(name)?.kind {
            checker.report(
                node.mark, path, "`\(name)` is not executable", mend: "run `chmod +x \(folder.path)/\(name)`")
        }
        let head = folder.head(of: name, count: 4)
        if !head.starts(with: Array("#!".utf8)), head != [0x7F] + Array("ELF".utf8) {
            checker.report(
                node.mark, path, "`\(name)` does not say what runs it",
                mend: "make `#!/bin/sh` or the like its first line")
        }
    }

    /// Whether `name` is a regular file of the folder; reports why not.
    private mutating func isInside(_ node: YAMLNode, _ name: String, at path: String) -> Bool {
        if name.hasPrefix("/") || name.split(separator: "/", omittingEmptySubsequences: false).contains("..") {
            checker.report(
                node.mark, path, "`\(name)` lies outside the recipe's folder", mend: "name a file inside the folder")
            return false
        }
        switch folder.entry(name)?.kind {
        case .file: return true
        case .link:
            checker.report(node.mark, path, "`\(name)` is a link", mend: "put the file itself there")
        case .folder, .other:
            checker.report(node.mark, path, "`\(name)` is not a file", mend: "name a file inside the folder")
        case nil:
            let names = folder.entries.compactMap { entry in
                if case .file = entry.kind { entry.name } else { nil }
            }
            let near = Suggestion.nearest(to: name, in: names).map { "; did you mean `\($0)`?" } ?? ""
            checker.report(
                node.mark, path, "there is no file `\(name)` in the recipe's folder\(near)",
                mend: "create \(folder.path)/\(name), or correct the name")
        }
        return false
    }
}

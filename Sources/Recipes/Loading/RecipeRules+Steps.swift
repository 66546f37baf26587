/// How the steps before and after the run have to fit the form and the artifacts.
extension RecipeRules {
    /// The fields that these steps read.
    var fieldsOfSteps: Set<String> {
        var names = Set((root["check"]?["uses"]?.items ?? []).compactMap(\.string))
        for node in [root["fetch"]?["from"], root["generator_api"]?["endpoint"]] {
            if let name = node?.string { names.insert(name) }
        }
        return names
    }

    mutating func checkSteps() {
        checkGivenFields(root["check"]?["uses"]?.items ?? [], at: "check.uses")
        checkAddressField(root["fetch"]?["from"], at: "fetch.from")
        checkAddressField(root["generator_api"]?["endpoint"], at: "generator_api.endpoint")
        if let into = root["fetch"]?["into"], let name = into.string, fields.contains(where: { $0.name == name }) {
            checker.report(
                into.mark, "fetch.into", "`\(name)` is a field of the form: what is fetched would replace it",
                mend: "choose a name that no field has")
        }
        checkDocuments()
        if let pictures = root["fetch"]?["max_pictures"], let count = pictures.integer, count > 0,
            root["check"] == nil
        {
            checker.report(
                pictures.mark, "fetch.max_pictures", "nobody says which pictures: there is no `check`",
                mend: "add `check`, whose script lists them, or remove this")
        }
        if let artifact = root["sign"]?["artifact"], let pattern = artifact.string,
            !(root["artifacts"]?.items ?? []).contains(where: { $0["match"]?.string == pattern })
        {
            checker.report(
                artifact.mark, "sign.artifact", "`\(pattern)` is the pattern of no artifact",
                mend: "write it as it stands under `artifacts`")
        }
        if let api = root["generator_api"], !fields.contains(where: { $0.node["type"]?.string == "email" }) {
            checker.report(
                api.mark, "generator_api", "the API takes an address, and the form has no field of type `email`",
                mend: "add one")
        }
    }

    private mutating func checkGivenFields(_ nodes: [YAMLNode], at path: String) {
        for (index, node) in nodes.enumerated() {
            guard let name = node.string else { continue }
            if !fields.contains(where: { $0.name == name }) {
                checker.report(
                    node.mark, "\(path)[\(index)]", unknown(name), mend: "name a field of this recipe, or remove it")
            } else if fields.first(where: { $0.name == name })?.node["private"]?.boolean == true {
                checker.report(
                    node.mark, "\(path)[\(index)]", "`\(name)` is private and is given to no script",
                    mend: "remove it here, or remove `private: true` from the field")
            }
        }
    }

    private mutating func checkAddressField(_ node: YAMLNode?, at path: String) {
        guard let node, let name = node.string else { return }
        guard let field = fields.first(where: { $0.name == name }) else {
            checker.report(node.mark, path, unknown(name), mend: "name a field of type `url`")
            return
        }
        if field.node["type"]?.string != "url" {
            checker.report(node.mark, path, "`\(name)` is no field of type `url`", mend: "name a field of type `url`")
        }
    }

    private mutating func checkDocuments() {
        var seen: Set<String> = []
        for (index, document) in (root["fetch"]?["documents"]?.items ?? []).enumerated() {
            if let name = document["name"], let text = name.string, !seen.insert(text).inserted {
                checker.report(
                    name.mark, "fetch.documents[\(index)].name", "`\(text)` is already the name of another document",
                    mend: "give one of the two another name")
            }
        }
    }
}

extension ContractValidator {
    /// What is wrong with a request: no such operation, unknown or missing parameters, a body that the operation does
    /// not take. Members of a body that are not described are faults.
    ///
    /// - Parameter path: without the server's own part (`basePath`) and without the query.
    package func problems(
        ofRequest method: String, _ path: String, query: [String: String] = [:], body: JSONValue? = nil
    ) -> [String] {
        guard let (operation, values, parameters) = operation(method, path) else {
            return ["\(method) \(path) is not described"]
        }
        var problems: [String] = []
        var known: Set<String> = []
        var bodySchema: JSONValue?
        for parameter in parameters {
            guard let name = parameter["name"]?.string else { continue }
            // Swagger 2 writes the type into the parameter itself.
            let schema = parameter["schema"] ?? parameter
            let isRequired = parameter["required"] == .flag(true)
            switch parameter["in"]?.string {
            case "query":
                known.insert(name)
                problems += problemsOfText(query[name], schema, isRequired: isRequired, "query \(name)")
            case "path":
                problems += problemsOfText(values[name], schema, isRequired: isRequired, "path \(name)")
            case "body": bodySchema = schema
            default: break
            }
        }
        problems += query.keys.sorted().filter { !known.contains($0) }.map { "query \($0) is not described" }
        let described = operation["requestBody"].flatMap { resolved($0) }
        if let content = described?["content"]?.members {
            bodySchema = (content["application/json"] ?? content.values.first)?["schema"]
            if body == nil, described?["required"] == .flag(true) { problems.append("a body is missing") }
        }
        if let body {
            guard let bodySchema else { return problems + ["a body is not described"] }
            problems += check(
                body, Place(schema: bodySchema, document: document, path: self.path, isStrict: true), "body")
        }
        return problems.map { "\(method) \(path): \($0)" }
    }

    /// What is wrong with an answer. Statuses below 400 have to be described; descriptions are not complete above.
    package func problems(
        ofAnswer status: Int, body: JSONValue?, to method: String, _ path: String
    ) -> [String] {
        guard let (operation, _, _) = operation(method, path) else { return ["\(method) \(path) is not described"] }
        let responses = operation["responses"]?.members ?? [:]
        guard let response = (responses[String(status)] ?? responses["default"]).flatMap({ resolved($0) }) else {
            return status >= 400 || status == 304 ? [] : ["\(method) \(path): answer \(status) is not described"]
        }
        let content = response["content"]?.members
        guard let schema = (content?["application/json"] ?? content?.values.first)?["schema"] ?? response["schema"]
        else {
            return []
        }
        guard let body else { return ["\(method) \(path): answer \(status) has no JSON"] }
        return check(body, Place(schema: schema, document: document, path: self.path, isStrict: false), "body")
            .map { "\(method) \(path), answer \(status): \($0)" }
    }

    private func operation(
        _ method: String, _ path: String
    ) -> (operation: JSONValue, values: [String: String], parameters: [JSONValue])? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        var best: (template: String, values: [String: String], item: JSONValue)?
        for (template, item) in document["paths"]?.members ?? [:] where item[method.lowercased()] != nil {
            let names = template.split(separator: "/", omittingEmptySubsequences: false)
            guard names.count == parts.count else { continue }
            var values: [String: String] = [:]
            let fits = zip(names, parts).allSatisfy { name, part in
                guard name.hasPrefix("{"), name.hasSuffix("}") else { return name == part }
                values[String(name.dropFirst().dropLast())] = String(part)
                return !part.isEmpty
            }
            // A part that is written out counts more than one that stands for anything.
            if fits, best.map({ values.count < $0.values.count }) ?? true { best = (template, values, item) }
        }
        guard let best, let operation = best.item[method.lowercased()] else { return nil }
        let parameters = (best.item["parameters"]?.elements ?? []) + (operation["parameters"]?.elements ?? [])
        return (operation, best.values, parameters.compactMap { resolved($0) })
    }

    private func resolved(_ value: JSONValue) -> JSONValue? {
        resolve(Place(schema: value, document: document, path: path, isStrict: false))?.schema
    }

    /// Parameters are texts: a number or a flag is read out of them first.
    private func problemsOfText(_ text: String?, _ schema: JSONValue, isRequired: Bool, _ at: String) -> [String] {
        guard let text else { return isRequired ? ["\(at) is missing"] : [] }
        guard let schema = resolved(schema) else { return [] }
        let value: JSONValue =
            switch schema["type"]?.string {
            case "integer", "number": Int64(text).map { .integer($0) } ?? .text(text)
            case "boolean": ["true", "false"].contains(text) ? .flag(text == "true") : .text(text)
            case "array": .list([.text(text)])
            default: .text(text)
            }
        var plain = schema.members ?? [:]
        plain["required"] = nil
        return check(value, Place(schema: .object(plain), document: document, path: path, isStrict: false), at)
    }
}

/// The tables of keys in `docs/recipes.md`, written from the table that the loader checks against.
package enum RecipeGuide {
    /// Every table, with a heading each; stands between two markers in the guide.
    package static func markdown() -> String {
        let sections: [(title: String, object: ObjectShape)] = [
            ("The recipe", RecipeFormat.recipe), ("`fields[]`", RecipeFormat.field),
            ("`fields[].choices[]`", RecipeFormat.choice), ("`fields[].image`", RecipeFormat.image),
            ("`fields[].archive`", RecipeFormat.archive), ("`prepare`", RecipeFormat.prepare),
            ("`check`", RecipeFormat.check), ("`fetch`", RecipeFormat.fetch),
            ("`fetch.documents[]`", RecipeFormat.document),
            ("`build`", RecipeFormat.build), ("`build.github`", RecipeFormat.github),
            ("`build.gitlab`", RecipeFormat.gitlab), ("`build.gitea`", RecipeFormat.gitea),
            ("`build.travis`", RecipeFormat.travis), ("`build.jenkins`", RecipeFormat.jenkins),
            ("`build.buildbot`", RecipeFormat.buildbot), ("`build.webhook`", RecipeFormat.webhook),
            ("`build.parameters[]`", RecipeFormat.parameter), ("`watch.release`", RecipeFormat.release),
            ("`build.limits`, `check.limits` and `verify.limits`", RecipeFormat.limits),
            ("`watch`", RecipeFormat.watch), ("`watch.phases[]`", RecipeFormat.phase),
            ("`artifacts[]`", RecipeFormat.artifact), ("`sign`", RecipeFormat.sign),
            ("`verify`", RecipeFormat.verify), ("`mail`", RecipeFormat.mail),
            ("`generator_api`", RecipeFormat.generatorAPI),
        ]
        return sections.map { "### \($0.title)\n\n\(table($0.object))" }.joined(separator: "\n\n") + "\n"
    }

    private static func table(_ object: ObjectShape) -> String {
        let hasTypes = object.selector != nil
        var lines = ["| key | \(hasTypes ? "types | " : "")value | default | what |"]
        lines.append(hasTypes ? "|---|---|---|---|---|" : "|---|---|---|---|")
        for key in object.keys {
            let types = hasTypes ? "\(key.only.isEmpty ? "all" : key.only.joined(separator: ", ")) | " : ""
            let fallback = key.isRequired ? "**required**" : key.defaultText.map { "`\($0)`" } ?? ""
            lines.append("| `\(key.name)` | \(types)\(value(key.shape)) | \(fallback) | \(key.note) |")
        }
        return lines.joined(separator: "\n")
    }

    private static func value(_ shape: Shape) -> String {
        switch shape {
        case .text(let lengths, let form, _): form?.wants ?? "text, at most \(lengths.upperBound)"
        case .regularExpression: "regular expression"
        case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .number: "number"
        case .boolean: "`true`, `false`"
        case .size(let range):
            "size, \(Measures.text(size: range.lowerBound)) to \(Measures.text(size: range.upperBound))"
        case .sizeOrFalse(let range):
            "`false`, or a size, \(Measures.text(size: range.lowerBound)) to \(Measures.text(size: range.upperBound))"
        case .span(let range):
            "time, \(Measures.text(span: range.lowerBound)) to \(Measures.text(span: range.upperBound))"
        case .oneOf(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .list(let item, let count): "list (at most \(count.upperBound)) of: \(value(item))"
        case .object: "mapping"
        case .textOrObject: "text or mapping"
        }
    }
}

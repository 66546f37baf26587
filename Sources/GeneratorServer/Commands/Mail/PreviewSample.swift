import Domain

/// A mail to look at: builds that ended somehow, with a recipe's defaults for what was asked.
struct PreviewSample {
    let name: String
    let kind: MailKind
    let builds: [Build]

    static let names =
        ["succeeded", "succeeded-in-part", "failed"] + Failure.Kind.allCases.map { "failed-\($0)" } + [
            "cancelled", "expired", "confirmation",
        ]

    /// Those that a recipe can owe; `succeeded-in-part` and `failed` of several only where it has targets.
    static func all(of recipe: Recipe) -> [PreviewSample] {
        let make = PreviewBuilds(recipe)
        var samples = [PreviewSample(name: "succeeded", kind: .succeeded, builds: [make.build(.succeeded)])]
        let failed = make.build(.failed(make.failure(.build)))
        if recipe.build.targets != nil {
            samples += [
                PreviewSample(
                    name: "succeeded-in-part", kind: .succeeded, builds: make.group(.succeeded, failed.state)),
                PreviewSample(name: "failed", kind: .failed, builds: make.group(failed.state, .expired)),
            ]
        }
        samples += Failure.Kind.allCases.map { kind in
            PreviewSample(
                name: "failed-\(kind)", kind: .failed, builds: [make.build(.failed(make.failure(kind)))])
        }
        return samples + [
            PreviewSample(name: "cancelled", kind: .cancelled, builds: [make.build(.cancelled)]),
            PreviewSample(name: "expired", kind: .expired, builds: [make.build(.expired)]),
            PreviewSample(name: "confirmation", kind: .confirmation, builds: [make.build(.queued(attemptsUsed: 0))]),
        ]
    }

    func delivery(in language: LanguageTag) -> Delivery {
        Delivery(
            id: OutboxEntryID(unchecked: "01kpreviewpreviewpreview00"), build: builds[0].id, kind: kind,
            to: "reader@example.net", language: language, status: .waiting, attempts: 0, lastError: nil,
            createdAt: PreviewBuilds.moment + .seconds(90), settledAt: nil)
    }
}

/// Builds as they could be.
struct PreviewBuilds {
    /// 21 November 2026, 09:45 UTC.
    static let moment = Timestamp(milliseconds: 1_795_254_300_000)

    let recipe: Recipe

    init(_ recipe: Recipe) {
        self.recipe = recipe
    }

    func build(_ state: BuildState, number: Int = 0, target: String? = nil) -> Build {
        let id = BuildID(unchecked: "01kpreviewpreviewpreview0\(number)")
        return Build(
            id: id, recipe: recipe.id, recipeDigest: recipe.digest, provider: "local", state: state,
            inputs: Inputs(values: recipe.fields.compactMap(value)),
            artifacts: state == .succeeded ? artifacts(target) : [], address: "reader@example.net", priority: 0,
            createdAt: Self.moment, finishedAt: Self.moment + .seconds(80),
            expiresAt: Self.moment + recipe.retention, target: target,
            confirmBy: state == .queued(attemptsUsed: 0) ? Self.moment + .seconds(86400) : nil)
    }

    func group(_ states: BuildState...) -> [Build] {
        guard let name = recipe.build.targets, case .multichoice(let choices, _)? = recipe.field(name)?.kind else {
            return states.map { build($0) }
        }
        return zip(states.indices, zip(states, choices)).map { build($1.0, number: $0, target: $1.1.value) }
    }

    func failure(_ kind: Failure.Kind) -> Failure {
        switch kind {
        case .input:
            Failure(kind: kind, message: "The archive holds a link that leads out of it: docs/readme")
        case .build:
            Failure(
                kind: kind, message: "The script ended with 3.", errorLine: "error: no space left on device",
                context:
                    "==> 75 Writing the image\nwriting sector 40960 of 81920\nerror: no space left on device\nstopped")
        case .infrastructure: Failure(kind: kind, message: "The provider does not answer.")
        case .timeout: Failure(kind: kind, message: "The run took longer than 10 minutes.")
        }
    }

    private func artifacts(_ target: String?) -> [Artifact] {
        var artifacts = recipe.artifacts.map { rule in
            Artifact(
                name: rule.match.replacing(
                    "*", with: [recipe.id.text, target].compactMap { $0 }.joined(separator: "-")
                )
                .replacing("?", with: "1"), role: .product, contentType: rule.contentType ?? "text/plain",
                bytes: min(rule.maxBytes, 22_500_000),
                sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
        }
        if recipe.verify?.picture != nil {
            artifacts.append(
                Artifact(
                    name: "screen.png", role: .picture, contentType: "image/png",
                    bytes: Int64(PreviewPicture.bytes.count), sha256: ""))
        }
        return artifacts
    }

    /// The field's default, or something that fits it; nothing for what may be left out and is a file.
    private func value(_ field: Field) -> InputValue? {
        let content: InputValue.Content? =
            switch field.kind {
            case .text(let rule): .text(rule.defaultValue ?? field.placeholder ?? "Aurora")
            case .email: .text("reader@example.net")
            case .url: .text(field.placeholder ?? "https://example.org/")
            case .number(let rule): .number(rule.defaultValue ?? rule.min ?? 1)
            case .choice(let choices, let value): (value ?? choices.first?.value).map { .text($0) }
            case .toggle(let isOn): .toggle(isOn)
            case .multichoice(let choices, let values):
                .choices(values.isEmpty ? choices.prefix(2).map(\.value) : values)
            case .image(let rule, _): .upload(upload("picture.png", rule))
            case .archive(let rule, _): .upload(upload("files.zip", rule))
            case .file(let rule): .upload(upload("file", rule))
            }
        return content.map { InputValue(field: field.name, content: $0) }
    }

    private func upload(_ name: String, _ rule: FileRule) -> Upload {
        Upload(
            id: UploadID(unchecked: "01kpreviewpreviewpreview00"), name: name,
            contentType: rule.accept.first ?? "application/octet-stream", bytes: min(rule.maxBytes, 1_234_567),
            sha256: "", receivedSHA256: "")
    }
}

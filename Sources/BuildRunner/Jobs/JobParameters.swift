package import Domain

/// What a remote job is given: named values, made of the build's inputs by the recipe's templates.
package struct JobParameters: Hashable, Sendable {
    package struct Parameter: Hashable, Sendable {
        package var name: String
        package var value: String
    }

    /// `KILN_ATTEMPT` (the key by which the run is found again) and `KILN_URL` (`JobLinks.folder`), then the recipe's own.
    package var values: [Parameter]

    package static let attempt = "KILN_ATTEMPT"
    package static let url = "KILN_URL"

    package init(_ order: BuildOrder, as attempt: Attempt, links: JobLinks) {
        let known = JobValues(order, as: attempt, links: links)
        values =
            [
                Parameter(name: Self.attempt, value: attempt.publicKey),
                Parameter(name: Self.url, value: links.folder(order, attempt)),
            ]
            + order.recipe.build.parameters.map { Parameter(name: $0.name, value: $0.value.text(known)) }
    }

    package subscript(name: String) -> String? { values.first { $0.name == name }?.value }
}

extension JobValues {
    /// Names beside the fields that templates may use.
    package static let builtinNames = [
        "kiln.build", "kiln.number", "kiln.attempt", "kiln.date", "kiln.page", "kiln.target", "kiln.url",
    ]

    /// Everything that is fixed when the build is accepted: the same for every attempt, and without links into Kiln.
    package init(fixed build: Build) {
        self.init()
        for value in build.inputs.values { self[value.field.text] = Value(value.content) }
        self["kiln.build"] = .text(build.id.publicName)
        self["kiln.number"] = .text(String(build.number))
        self["kiln.target"] = build.target.map { .text($0) }
        self["kiln.date"] = .text(build.createdAt.compactDate)
    }

    /// Everything for one attempt; a file's name stands for its link.
    init(_ order: BuildOrder, as attempt: Attempt, links: JobLinks) {
        self.init(fixed: order.build)
        for value in order.build.inputs.values {
            guard case .upload(let upload) = value.content else { continue }
            self[value.field.text] = .text(links.upload(upload, order, attempt))
        }
        self["kiln.attempt"] = .text(attempt.publicKey)
        self["kiln.url"] = .text(links.folder(order, attempt))
        self["kiln.page"] = .text(links.page(order.build.id))
    }
}

extension JobValues.Value {
    init(_ content: InputValue.Content) {
        switch content {
        case .text(let text): self = .text(text)
        case .number(let number):
            self = .text(number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : String(number))
        case .toggle(let isOn): self = .flag(isOn)
        case .choices(let choices): self = .list(choices)
        case .upload(let upload): self = .text(upload.name)
        }
    }
}

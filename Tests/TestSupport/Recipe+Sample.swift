package import Domain

extension RecipeID {
    package static let sample = RecipeID(unchecked: "sample")
}

extension Recipe {
    /// A small recipe with the fields `email` (required) and `name` (required), built by `build.sh`.
    package static func sample(fields: [Field]? = nil, verify: VerifyStep? = nil, maxAttempts: Int = 3) -> Recipe {
        let limits = RunLimits(
            time: .seconds(60), cpu: .seconds(60), memory: 1 << 30, processes: 64, openFiles: 256, output: 64 << 20,
            log: 1 << 20)
        return Recipe(
            id: .sample, title: "Sample", summary: "A small file with your name in it.", picture: nil, order: 1,
            isOffered: true, fields: fields ?? Field.sampleFields, prepare: nil,
            build: BuildStep(
                script: "build.sh", uses: [.sampleName], limits: limits, maxAttempts: maxAttempts,
                maxWait: .seconds(3600)),
            watch: Watch(
                phases: [PhasePattern(match: "^==> 50 ", label: "Halfway", percent: 50)], errors: ["^error: (.*)"]),
            artifacts: [ArtifactRule(match: "*.txt", contentType: nil, maxBytes: 1 << 20)], verify: verify,
            retention: .seconds(7 * 86400), mail: MailTexts(subjectSuccess: nil, subjectFailure: nil),
            digest: String(repeating: "0", count: 64))
    }
}

extension FieldName {
    package static let sampleEmail = FieldName(unchecked: "email")
    package static let sampleName = FieldName(unchecked: "name")
}

extension Field {
    package static let sampleFields = [
        Field(name: .sampleEmail, label: "Your address", isRequired: true, isPrivate: true, kind: .email),
        Field(name: .sampleName, label: "Name", isRequired: true, kind: .text(TextRule(minLength: 1, maxLength: 20))),
    ]
}

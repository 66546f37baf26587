import BuildRunner
import Domain
import Foundation
import Intake
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

/// A build whose run is under way, with what was given to the run.
struct Job {
    let build: Build
    let attempt: Attempt
    let token: String
    /// Path of its `KILN_URL`.
    let folder: String

    var callback: String { "/builds/\(build.id)/callback" }
    var bearer: String { "Bearer \(token)" }

    func file(_ name: String) -> String { "\(callback)/files/\(SiteMap.escaped(name))" }
}

extension FieldName {
    static let wallpaper = FieldName(unchecked: "wallpaper")
    static let features = FieldName(unchecked: "features")
    static let secret = FieldName(unchecked: "secret")
}

extension Recipe {
    /// With a file, choices and a private field, and a parameter.
    static func remote(bundle: [FieldName]? = nil, maxBytes: Int64 = 1 << 20) -> Recipe {
        let file = FileRule(accept: ["text/plain", "application/octet-stream"], maxBytes: 1 << 30)
        let choices = [Choice(value: "clock", label: "Clock"), Choice(value: "network", label: "Network")]
        var recipe = Recipe.sample(
            fields: Field.sampleFields + [
                Field(name: .features, label: "Features", kind: .multichoice(choices, default: [])),
                Field(name: .wallpaper, label: "Wallpaper", kind: .file(file)),
                Field(
                    name: .secret, label: "Secret", isPrivate: true, kind: .text(TextRule(maxLength: 99))),
            ])
        recipe.build.bundle = bundle
        recipe.build.parameters = []
        recipe.artifacts = [
            ArtifactRule(match: "*.iso", contentType: nil, maxBytes: maxBytes),
            ArtifactRule(match: "notes?.txt", contentType: nil, maxBytes: 100),
        ]
        return recipe
    }
}

extension LiveServer {
    static func withRemote(
        bundle: [FieldName]? = nil, maxBytes: Int64 = 1 << 20, _ change: (inout Options) -> Void = { _ in },
        _ test: @Sendable (LiveServer) async throws -> Void
    ) async throws {
        var options = Options()
        options.recipes = [.remote(bundle: bundle, maxBytes: maxBytes)]
        change(&options)
        try await with(options, test)
    }

    /// A file as if it had been received.
    func keepUpload(_ bytes: [UInt8], named name: String = "sky at night.txt") throws -> Upload {
        var generator = SystemRandomNumberGenerator()
        let id = UploadID.make(at: clock.now(), using: &generator)
        try Data(bytes).write(to: URL(filePath: uploads.path(of: id)))
        let digest = PublicFile(contentType: "", bytes: bytes).digest
        return Upload(
            id: id, name: name, contentType: "text/plain", bytes: Int64(bytes.count), sha256: digest,
            receivedSHA256: digest)
    }

    /// A build with every kind of input, in `triggering`.
    func job(_ upload: Upload? = nil, recipe: Recipe = .remote()) async throws -> Job {
        let upload = try upload ?? keepUpload(Array("night\n".utf8))
        let build = try await makeBuild(
            [
                InputValue(field: .sampleEmail, content: .text("ada@example.org")),
                InputValue(field: .sampleName, content: .text("Ada \"callback\": {\n<x>")),
                InputValue(field: .features, content: .choices(["clock", "network"])),
                InputValue(field: .wallpaper, content: .upload(upload)),
                InputValue(field: .secret, content: .text("hush-hush")),
            ], recipe: recipe)
        let attempt = Attempt(number: 1, of: build.id)
        try await apply(.claimed(attempt), to: build.id)
        return Job(
            build: build, attempt: attempt, token: signer.sign(.callback(attempt)),
            folder: "/uploads/\(signer.sign(.job(attempt)))")
    }

    /// Reports as the job does.
    func report(_ job: Job, _ json: String, token: String? = nil) async throws -> TestClient.Answer {
        try await client.post(
            job.callback, ["Authorization": "Bearer \(token ?? job.token)", "Content-Type": "application/json"],
            body: Array(json.utf8))
    }
}

/// Runs a program to its end, with nothing but this environment.
func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], in folder: String? = nil
) async throws -> (code: Int32, output: String, error: String) {
    let variables = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
    let end = try await Program.run([program] + arguments, environment: variables, in: folder ?? "/")
    return (end.code, end.text, end.complaint)
}

import Domain
import Foundation
import Storage
import TestSupport

@testable import GeneratorServer

extension LiveServer {
    /// Stores an accepted build of the sample recipe.
    func makeBuild(_ values: [InputValue]? = nil, recipe: Recipe = .sample()) async throws -> Build {
        var generator = SystemRandomNumberGenerator()
        let inputs = Inputs(
            values: values ?? [
                InputValue(field: .sampleEmail, content: .text("ada@example.org")),
                InputValue(field: .sampleName, content: .text("Ada")),
            ])
        let new = NewBuild(
            id: .make(at: clock.now(), using: &generator), recipe: recipe.id, recipeDigest: recipe.digest,
            provider: recipe.build.provider, inputs: inputs, address: "ada@example.org", priority: 0,
            retention: recipe.retention, source: "test", idempotencyKey: nil)
        let limits = AcceptLimits(waiting: nil, perSourcePerHour: nil, perAddressPerHour: nil)
        guard case .accepted(let build) = try await store.accept(new, limits: limits, at: clock.now()) else {
            throw CocoaError(.featureUnsupported)
        }
        return build
    }

    @discardableResult
    func apply(_ event: BuildEvent, to id: BuildID) async throws -> Build {
        try await store.apply(
            event, to: id, policy: BuildPolicy(maxAttempts: 3), lease: nil, at: clock.now()
        ).build
    }

    /// Moves a waiting build into `running`.
    func start(_ id: BuildID) async throws -> Attempt {
        let attempt = Attempt(number: 1, of: id)
        try await apply(.claimed(attempt), to: id)
        try await apply(.triggered(Run(attempt: attempt, provider: "local", id: "run-1", url: nil)), to: id)
        return attempt
    }

    /// Ends a waiting build well, with one product of these bytes.
    func finish(_ id: BuildID, product: [UInt8], named name: String = "out.txt") async throws -> Artifact {
        let attempt = try await start(id)
        try await apply(.runSucceeded(of: attempt), to: id)
        let artifact = try await keep(product, named: name, role: .product, type: "text/plain", of: id)
        try await apply(.collected([artifact], of: attempt, needsVerification: false), to: id)
        return artifact
    }

    /// Puts an artifact's bytes into the object store.
    func keep(
        _ bytes: [UInt8], named name: String, role: Artifact.Role, type: String, of id: BuildID
    ) async throws -> Artifact {
        let path = folder.path("artifact-\(name)")
        try Data(bytes).write(to: URL(filePath: path))
        try await objects.put(fileAt: path, as: ObjectKey(build: id, name: name))
        return Artifact(
            name: name, role: role, contentType: type, bytes: Int64(bytes.count),
            sha256: PublicFile(contentType: type, bytes: bytes).digest)
    }

    func appendLog(_ text: String, to id: BuildID) async throws {
        let part = LogPart(build: id, attempt: 1, stage: .run)
        try await logs.append(Array(text.utf8), at: try await logs.size(of: part), to: part)
    }
}

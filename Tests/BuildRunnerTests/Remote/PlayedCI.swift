import BuildRunner
import Curl
import Domain
import Foundation
import Logging
import TestSupport

/// A CI that a test plays, or a real one behind a door that the test holds, with the provider that talks to it.
protocol PlayedCI: Sendable {
    var provider: any BuildProvider { get }
    /// The same provider where the operator has given no secret; `nil` if it can do without.
    var providerWithoutSecrets: (any BuildProvider)? { get }
    /// Every request passes here, so that troubles can be planned.
    var server: PlayerServer { get }
    var clock: ManualClock { get }

    /// An order whose field `name` has this value.
    func order(_ name: String) -> BuildOrder

    /// Whether a request asks for a new run.
    func startsRun(_ request: PlayerServer.Request) -> Bool
    /// Whether a request asks how a known run goes.
    func asksForState(_ request: PlayerServer.Request) -> Bool

    /// Runs that the CI has started for an attempt.
    func runCount(of attempt: Attempt) async -> Int
    /// Moves an attempt's run at the CI, as its workers or its people do, and returns when the CI says so.
    func move(_ attempt: Attempt, to state: PlayedState) async throws
    /// Makes the run have written this when it has ended (or before, where the CI shows logs while it runs).
    func write(_ log: [UInt8], by attempt: Attempt) async throws
    /// Makes the run leave a file.
    func leave(_ name: String, _ bytes: [UInt8], by attempt: Attempt) async throws

    /// Whether the CI itself keeps logs, keeps files, can be told to cancel, knows of restarts by a person.
    var abilities: Set<PlayedAbility> { get }
}

enum PlayedState: Hashable, Sendable {
    case queued, running, succeeded, failed, cancelled
    /// Somebody removed the run.
    case deleted
    /// Somebody asked for an ended run to be done again; it runs.
    case restarted
}

enum PlayedAbility: Hashable, Sendable, CaseIterable {
    case logs, files, cancel, restart, deletion
}

enum Played {
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Links as the front door makes them, with a recognisable capability and token.
    static let links = JobLinks(
        folder: { _, attempt in "https://kiln.example.org/uploads/capability-of-\(attempt.publicKey)" },
        upload: { upload, _, attempt in "https://kiln.example.org/uploads/input-of-\(attempt.publicKey)/\(upload.name)"
        },
        callback: { "https://kiln.example.org/builds/\($0)/callback" }, token: { "token-of-\($0.key)" },
        page: { "https://kiln.example.org/builds/\($0)" })

    /// - Parameter secrets: by name.
    static func tools(
        secrets: [String: String] = ["TOKEN": "s3cret-t0ken"], clock: ManualClock, scratch: String
    ) -> RemoteTools {
        RemoteTools(
            transfers: HTTPTransfers(TransferSettings(userAgent: "Kiln-Test", allowedNetworks: ["127.0.0.0/8"])),
            secret: { secrets[$0.text] }, links: links, clock: clock, scratch: scratch, logger: logger)
    }

    /// An order of a recipe that runs at this provider.
    static func order(
        _ name: String, at settings: ProviderSettings, parameters: [JobParameter] = [], clock: ManualClock
    ) -> BuildOrder {
        var recipe = Recipe.sample()
        recipe.build.providers = [settings]
        recipe.build.parameters = parameters
        var generator = SystemRandomNumberGenerator()
        let now = clock.now()
        let build = Build(
            id: .make(at: now, using: &generator), recipe: recipe.id, recipeDigest: recipe.digest,
            provider: settings.name.rawValue, state: .queued(attemptsUsed: 0),
            inputs: Inputs(values: [
                InputValue(field: .sampleEmail, content: .text("ada@example.org")),
                InputValue(field: .sampleName, content: .text(name)),
            ]), address: "ada@example.org", priority: 0, createdAt: now)
        return BuildOrder(build: build, recipe: recipe)
    }
}

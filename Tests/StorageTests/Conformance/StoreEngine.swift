import Domain
import Storage
import TestSupport
import Testing

/// The databases that the conformance suites run against. A new engine is a new case here and nothing else.
enum StoreEngine: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite

    var testDescription: String { rawValue }

    /// A new, empty database.
    func open() async throws -> StoreFixture {
        switch self {
        case .sqlite:
            let directory = try TemporaryDirectory()
            let notices = Notices()
            let store = try await SQLiteStore.open(path: directory.path("kiln.sqlite"), notices: notices)
            return StoreFixture(store: store, notices: notices, directory: directory)
        }
    }
}

/// A store under test and the little language that the tests speak to it.
struct StoreFixture: Sendable {
    var store: any BuildStore & OutboxStore & OutboxDesk & AddressStore & ReportStore & SigningKeyStore
    var notices: Notices
    /// Lives as long as the fixture.
    var directory: TemporaryDirectory

    static let start = Timestamp(milliseconds: 1_795_000_000_000)
    static let policy = BuildPolicy(maxAttempts: 3)
    static let lease = Duration.seconds(30)
    static let slots = StartSlots(perProvider: ["local": 1000], perRecipe: [:])

    @discardableResult
    func accept(
        at now: Timestamp = start, limits: AcceptLimits = .none, _ change: (inout NewBuild) -> Void = { _ in }
    ) async throws -> Build {
        var new = NewBuild.sample(at: now)
        change(&new)
        guard case .accepted(let build) = try await store.accept(new, limits: limits, at: now) else {
            throw UnexpectedAnswer()
        }
        return build
    }

    /// Accepts a submission of several builds; all have the lead's address and uploads.
    @discardableResult
    func acceptGroup(
        of targets: [String], at now: Timestamp = start, limits: AcceptLimits = .none,
        _ change: (inout NewBuild) -> Void = { _ in }
    ) async throws -> [Build] {
        let first = NewBuild.sample(at: now)
        let new = targets.map { target in
            var new = NewBuild.sample(at: now)
            (new.inputs, new.address, new.source) = (first.inputs, first.address, first.source)
            new.target = target
            change(&new)
            return new
        }
        guard case .accepted(let lead) = try await store.accept(new, limits: limits, at: now) else {
            throw UnexpectedAnswer()
        }
        return try await store.group(of: lead.id)
    }

    /// Starts all that is due.
    @discardableResult
    func startAll(_ slots: StartSlots = slots, at now: Timestamp = start) async throws -> [ClaimedBuild] {
        try await store.startDue(slots, limit: 10_000, leaseFor: Self.lease, at: now)
    }

    func read(_ id: BuildID) async throws -> Build {
        try #require(try await store.build(id))
    }

    /// Accepts a build and starts it; nothing else may wait.
    func started(at now: Timestamp = start) async throws -> ClaimedBuild {
        try await accept(at: now)
        return try #require(try await store.startDue(Self.slots, limit: 1, leaseFor: Self.lease, at: now).first)
    }

    @discardableResult
    func apply(
        _ event: BuildEvent, to claimed: ClaimedBuild, at now: Timestamp = start
    ) async throws -> Transition {
        try await store.apply(
            event, to: claimed.build.id, policy: Self.policy, lease: .keep(claimed.lease, until: now + Self.lease),
            at: now)
    }

    /// A fact from outside.
    @discardableResult
    func apply(_ event: BuildEvent, to id: BuildID, at now: Timestamp = start) async throws -> Transition {
        try await store.apply(event, to: id, policy: Self.policy, lease: nil, at: now)
    }

    /// Leads a build to success.
    func succeed(_ claimed: ClaimedBuild, at now: Timestamp = start) async throws {
        let attempt = Attempt(number: 1, of: claimed.build.id)
        try await apply(.triggered(.sample(attempt)), to: claimed, at: now)
        try await apply(.runSucceeded(of: attempt), to: claimed, at: now)
        try await apply(.collected([.sample()], of: attempt, needsVerification: false), to: claimed, at: now)
    }
}

struct UnexpectedAnswer: Error {}

extension AcceptLimits {
    static let none = AcceptLimits(waiting: nil, perSourcePerHour: nil, perAddressPerHour: nil)
}

extension NewBuild {
    static func sample(at now: Timestamp = StoreFixture.start) -> NewBuild {
        var generator = SystemRandomNumberGenerator()
        let id = BuildID.make(at: now, using: &generator)
        let upload = Upload(
            id: .make(at: now, using: &generator), name: "wall paper.png", contentType: "image/png", bytes: 1234,
            sha256: String(repeating: "a", count: 64), receivedSHA256: String(repeating: "b", count: 64), width: 64,
            height: 48)
        let values = [
            InputValue(field: .sampleName, content: .text("Zoë's \"OS\"\n\u{1F427} </script>")),
            InputValue(field: FieldName(unchecked: "size"), content: .number(0.1)),
            InputValue(field: FieldName(unchecked: "dark"), content: .toggle(false)),
            InputValue(field: FieldName(unchecked: "features"), content: .choices(["one", "two"])),
            InputValue(field: FieldName(unchecked: "wallpaper"), content: .upload(upload)),
        ]
        return NewBuild(
            id: id, recipe: .sample, recipeDigest: String(repeating: "0", count: 64), provider: "local",
            inputs: Inputs(values: values), address: "\(id)@example.org", priority: 0, retention: .seconds(3600),
            source: "192.0.2.\(Int.random(in: 1...250)):\(id)", idempotencyKey: nil)
    }
}

extension Run {
    static func sample(_ attempt: Attempt) -> Run {
        Run(attempt: attempt, provider: "local", id: "run-\(attempt.key)", url: "https://ci.example/\(attempt.key)")
    }
}

extension Artifact {
    static func sample(_ name: String = "kiln.iso") -> Artifact {
        Artifact(
            name: name, role: .product, contentType: "application/octet-stream", bytes: 99,
            sha256: String(repeating: "c", count: 64))
    }
}

extension Failure {
    static let sample = Failure(kind: .build, message: "The script failed.", errorLine: "error: no such thing")
    static let lost = Failure(kind: .infrastructure, message: "The run was lost.")
}

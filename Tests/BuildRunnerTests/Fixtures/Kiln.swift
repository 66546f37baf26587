import BuildRunner
import Domain
import FileKind
import Foundation
import Logging
import NIOConcurrencyHelpers
import Sandbox
import Storage
import TestSupport
import Testing

/// A whole Kiln without doors: real database, real disk, real sandbox; a folder of its own.
final class Kiln: Sendable {
    let directory: TemporaryDirectory
    let clock = ManualClock()
    let notices = Notices()
    let store: SQLiteStore
    let logs: DiskLogStore
    let objects: DiskObjectStore
    let reportFiles: DiskReportFiles
    let runs: LocalRuns
    let prepared: PreparedFolders
    let local: LocalProvider
    let removedUploads = NIOLockedValueBox<[UploadID]>([])
    private let recipeBox: NIOLockedValueBox<Recipe>
    private let serial = NIOLockedValueBox(0)

    /// - Parameter scripts: the recipe's files by name.
    init(recipe: Recipe = .sample(), scripts: [String: String] = ["build.sh": Kiln.greeting]) async throws {
        directory = try TemporaryDirectory()
        recipeBox = NIOLockedValueBox(recipe)
        store = try await SQLiteStore.open(path: directory.path("kiln.sqlite"), notices: notices)
        logs = try DiskLogStore(directory: directory.path("logs"), notices: notices)
        objects = try DiskObjectStore(directory: directory.path("objects"))
        reportFiles = try DiskReportFiles(directory: directory.path("reports"))
        runs = try LocalRuns(
            directory: directory.path("runs"),
            supervisor: SupervisorCommand(executable: Kiln.supervisor, arguments: ["supervise"]))
        prepared = PreparedFolders(directory: directory.path("prepared"), recipes: directory.path("recipes"))
        let uploads = directory.path("uploads")
        local = LocalProvider(
            runs: runs, settings: SandboxSettings(), prepared: prepared, uploadPath: { "\(uploads)/\($0)" },
            logger: Kiln.logger)
        try FileManager.default.createDirectory(atPath: uploads, withIntermediateDirectories: true)
        for (name, text) in scripts { try write(name, text) }
    }

    static let greeting = """
        #!/bin/sh
        echo "==> 50 writing"
        printf 'Hello %s\\n' "$(cat "$KILN_INPUTS/fields/name")" > "$KILN_OUT/hello.txt"
        """

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// The program beside the tests that supervises runs.
    static let supervisor: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? ""
        let places = [own, bundle].map { ($0 as NSString).deletingLastPathComponent + "/SandboxTestSupervisor" }
        return places.first { FileManager.default.isExecutableFile(atPath: $0) } ?? places[0]
    }()

    var recipe: Recipe {
        get { recipeBox.withLockedValue { $0 } }
        set { recipeBox.withLockedValue { $0 = newValue } }
    }

    /// Writes an executable file of the recipe.
    func write(_ name: String, _ text: String) throws {
        let url = directory.url.appending(path: "recipes/\(recipe.id)/\(name)")
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path)
    }

    func shop(
        _ provider: (any BuildProvider)? = nil, clock: (any WallClock)? = nil, workers: Int = 4,
        secrets: [String] = [], faults: FaultPoints = .none
    ) throws -> Workshop {
        try shop(
            providers: [provider ?? local], clock: clock, settings: WorkshopSettings(workers: workers),
            secrets: secrets, faults: faults)
    }

    func shop(
        providers: [any BuildProvider], clock: (any WallClock)? = nil,
        settings: WorkshopSettings = WorkshopSettings(workers: 4), secrets: [String] = [],
        secret: @escaping @Sendable (SecretName) -> String? = { _ in nil }, links: JobLinks? = nil,
        reports: (any ReportStore)? = nil, releases: ReleaseLinks? = nil, signer: Signer? = nil,
        faults: FaultPoints = .none
    ) throws -> Workshop {
        let uploads = directory.path("uploads")
        let (recipeBox, removedUploads) = (recipeBox, removedUploads)
        return Workshop(
            store: store, logs: logs, objects: objects, notices: notices, clock: clock ?? self.clock,
            providers: providers,
            verifier: Verifier(runs: runs, prepared: prepared, objects: objects, uploadPath: { "\(uploads)/\($0)" }),
            kinds: try FileKindDetector(), recipes: { [recipeBox.withLockedValue { $0 }] },
            scratch: directory.path("scratch"), secrets: secrets, secret: secret, links: links,
            reports: reports ?? store, reportFiles: reportFiles, addresses: store, releases: releases, signer: signer,
            removeUploads: { ids in removedUploads.withLockedValue { $0 += ids } }, settings: settings,
            faults: faults, logger: Kiln.logger)
    }

    /// Accepts a build, as the front door does.
    func submit(
        name: String = "Ada", address: String = "ada@example.org", more: [InputValue] = [], reuseKey: String? = nil,
        target: String? = nil, confirmWithin: Duration? = nil, source: String = "192.0.2.1"
    ) async throws -> BuildID {
        var generator = SystemRandomNumberGenerator()
        let id = BuildID.make(at: clock.now(), using: &generator)
        let inputs = Inputs(
            values: [
                InputValue(field: .sampleEmail, content: .text(address)),
                InputValue(field: .sampleName, content: .text(name)),
            ] + more)
        let new = NewBuild(
            id: id, recipe: recipe.id, recipeDigest: recipe.digest, provider: recipe.build.provider, inputs: inputs,
            address: address, priority: 0, retention: recipe.retention, source: source, idempotencyKey: nil,
            target: target, reuseKey: reuseKey, reuseWithin: .seconds(86400),
            confirmWithin: confirmWithin, isToGather: recipe.isToGather(inputs))
        let acceptance = try await store.accept(
            new, limits: AcceptLimits(waiting: nil, perSourcePerHour: nil, perAddressPerHour: nil), at: clock.now())
        guard case .accepted = acceptance else { throw Unexpected.state("\(acceptance)") }
        notices.post(.work)
        return id
    }

    /// Runs a worker and the clean-ups while `body` does something, then stops them as a shutdown does.
    func working<Value: Sendable>(
        _ shop: Workshop, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await BuildWorker(shop).run() }
            group.addTask { try await CleanUpWorker(shop).run() }
            group.addTask { try await FollowerWorker(shop).run() }
            let value = try await body()
            group.cancelAll()
            try await group.waitForAll()
            return value
        }
    }

    /// Waits until a build fits; the notice board says when to look.
    @discardableResult
    func build(_ id: BuildID, when fits: @Sendable (Build) -> Bool) async throws -> Build {
        for await _ in notices.subscribe(to: .build(id)) {
            if let build = try await store.build(id), fits(build) { return build }
        }
        throw CancellationError()
    }

    func ended(_ id: BuildID) async throws -> Build {
        try await build(id) { $0.state.isTerminal }
    }

    /// What the run tells through its callback.
    func report(_ report: RunReport, of id: BuildID, attempt: Int = 1) async throws {
        _ = try await store.record(report, of: Attempt(number: attempt, of: id), build: id, at: clock.now())
    }

    func log(_ id: BuildID) async throws -> String {
        String(decoding: try await logs.read(id, from: 0, length: 1 << 20), as: UTF8.self)
    }

    /// Waits until a build's stored log holds a text.
    func logged(_ text: String, by id: BuildID) async throws {
        for await _ in notices.subscribe(to: .build(id)) where try await log(id).contains(text) { return }
        throw CancellationError()
    }

    func content(_ name: String, of id: BuildID) async throws -> [UInt8] {
        try await objects.read(ObjectKey(build: id, name: name), from: 0, length: 1 << 20)
    }

    func events(_ id: BuildID) async throws -> [String] {
        try await store.timeline(of: id, after: 0).map(\.event)
    }

    enum Unexpected: Error {
        case state(String)
    }
}

extension Build {
    var failure: Failure? {
        if case .failed(let failure) = state { failure } else { nil }
    }
}

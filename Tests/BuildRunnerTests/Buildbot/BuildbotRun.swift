import BuildRunner
import Domain
import Foundation
import Logging
import NIOConcurrencyHelpers
import TestSupport

/// One build at a real Buildbot, without a door between.
struct BuildbotRun {
    let buildbot: BuildbotServer
    let provider: BuildbotProvider
    let order: BuildOrder
    let attempt: Attempt
    let said: NIOLockedValueBox<[String]>
    private let folder: TemporaryDirectory

    init(
        at buildbot: BuildbotServer, scheduler: String = "force", builder: String? = nil, user: String = "ci",
        password: String = "ci-secret", parameters: [String: String] = [:]
    ) throws {
        self.buildbot = buildbot
        let said = NIOLockedValueBox<[String]>([])
        self.said = said
        folder = try TemporaryDirectory()
        let clock = ManualClock()
        var tools = Played.tools(secrets: ["BUILDBOT": password], clock: clock, scratch: folder.path("scratch"))
        tools.logger = Logger(label: "test") { _ in ListeningLogHandler(said: said) }
        provider = BuildbotProvider(tools: tools)
        let settings = BuildbotSettings(
            baseURL: buildbot.url, scheduler: scheduler, builder: builder, user: user,
            password: SecretName("BUILDBOT"))
        order = Played.order(
            "Ada", at: .buildbot(settings),
            parameters: try parameters.sorted { $0.key < $1.key }.map {
                JobParameter(name: $0.key, value: try JobTemplate($0.value))
            }, clock: clock)
        attempt = Attempt(number: 1, of: order.build.id)
    }

    func start() async throws -> Run {
        let answer = await provider.trigger(order, as: attempt)
        guard case .done(let run) = answer else { throw Kiln.Unexpected.state("\(answer)") }
        return run
    }

    /// Lets the build begin, and returns when its command runs.
    func begin() async throws {
        try buildbot.letGo(attempt)
        try await buildbot.wait { try buildbot.isThere("seen", of: attempt) }
    }

    func end(_ code: Int) async throws {
        try buildbot.letGo(attempt)
        try buildbot.put(Array("\(code)\n".utf8), as: "end", for: attempt)
    }

    /// Looks until a look fits; answers that are no look, as while the master is away, are passed over.
    @discardableResult
    func look(_ run: inout Run, until fits: (Observation) -> Bool) async throws -> Observation {
        while true {
            if case .done(let seen) = await provider.observe(run, for: order) {
                run = seen.run ?? run
                if fits(seen) { return seen }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    func log(_ run: Run) async throws -> String {
        var log: [UInt8] = []
        while true {
            let answer = await provider.readLog(of: run, for: order, from: Int64(log.count), limit: 1000)
            guard case .done(let bytes) = answer else { throw Kiln.Unexpected.state("\(answer)") }
            if bytes.isEmpty { return String(decoding: log, as: UTF8.self) }
            log += bytes
        }
    }

    func write(_ text: String) async throws {
        try buildbot.put(Array(text.utf8), as: "log", for: attempt)
        try await buildbot.wait { try !buildbot.isThere("log", of: attempt) }
    }
}

/// Keeps what is logged.
private struct ListeningLogHandler: LogHandler {
    let said: NIOLockedValueBox<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        said.withLockedValue { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
}

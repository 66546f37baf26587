import BuildRunner
import Curl
import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport

/// A real Buildbot behind a door: every call goes through a server of the test's own, so that troubles can be planned.
final class BuildbotPlayer: PlayedCI {
    let buildbot: BuildbotServer
    let server: PlayerServer
    let clock = ManualClock()
    let provider: any BuildProvider
    let providerWithoutSecrets: (any BuildProvider)?
    let abilities = Set(PlayedAbility.allCases)

    private let settings: BuildbotSettings
    private let folder: TemporaryDirectory
    private let hugeLogs: HugeLogs
    private let gone = NIOLockedValueBox<Set<String>>([])

    /// Larger logs are played at the door: a worker and a master need most of a minute to pass 200 MB on.
    private static let hugeLog = 8 << 20

    init(_ buildbot: BuildbotServer) async throws {
        self.buildbot = buildbot
        let hugeLogs = HugeLogs()
        let gone = gone
        self.hugeLogs = hugeLogs
        let door = BuildbotDoor(url: buildbot.url)
        server = try await PlayerServer { request in
            if let played = hugeLogs.played(request) { return played }
            if gone.withLockedValue({ $0.contains(where: { request.path.hasSuffix("/\($0)") }) }) {
                return .json(#"{"error": "not found while getting from endpoint"}"#, status: 404)
            }
            return await door.pass(request)
        }
        folder = try TemporaryDirectory()
        settings = BuildbotSettings(
            baseURL: server.url, scheduler: "force", user: "ci", password: SecretName("BUILDBOT"))
        provider = BuildbotProvider(
            tools: Played.tools(secrets: ["BUILDBOT": "ci-secret"], clock: clock, scratch: folder.path("scratch")))
        providerWithoutSecrets = BuildbotProvider(
            tools: Played.tools(secrets: [:], clock: clock, scratch: folder.path("other-scratch")))
    }

    func order(_ name: String) -> BuildOrder {
        let parameters = (try? JobTemplate("{{name}}")).map { [JobParameter(name: "name", value: $0)] } ?? []
        return Played.order(name, at: .buildbot(settings), parameters: parameters, clock: clock)
    }

    func startsRun(_ request: PlayerServer.Request) -> Bool {
        request.method == "POST" && request.path.hasPrefix("/api/v2/forceschedulers/")
    }

    func asksForState(_ request: PlayerServer.Request) -> Bool {
        request.method == "GET" && request.path.hasPrefix("/api/v2/build")
    }

    func runCount(of attempt: Attempt) async -> Int {
        (try? await buildbot.requests(of: attempt).count) ?? -1
    }

    func move(_ attempt: Attempt, to state: PlayedState) async throws {
        guard let request = try await buildbot.requests(of: attempt).last else {
            throw BuildbotServer.Trouble.unexpected("no request for \(attempt.publicKey)")
        }
        switch state {
        case .queued:
            break
        case .running:
            try buildbot.letGo(attempt)
            try await buildbot.wait { try buildbot.isThere("seen", of: attempt) }
        case .succeeded, .failed:
            try buildbot.letGo(attempt)
            try buildbot.put(Array((state == .succeeded ? "0\n" : "1\n").utf8), as: "end", for: attempt)
            try await buildbot.wait { try await buildbot.isComplete(request) }
        case .cancelled:
            if try await !buildbot.isComplete(request) {
                try await buildbot.control("buildrequests/\(request)", "cancel")
                try await buildbot.wait { try await buildbot.isComplete(request) }
            }
        case .deleted:
            // Only a master's own janitor removes builds: the door says what the master says then.
            let builds = try await buildbot.builds(of: request)
            gone.withLockedValue { $0.formUnion(["buildrequests/\(request)"] + builds.map { "builds/\($0)" }) }
            try buildbot.put(Array("0\n".utf8), as: "end", for: attempt)
        case .restarted:
            try buildbot.remove("end", of: attempt)
            try buildbot.remove("seen", of: attempt)
            guard let build = try await buildbot.builds(of: request).last else { return }
            try await buildbot.control("builds/\(build)", "rebuild")
            try await buildbot.wait { try buildbot.isThere("seen", of: attempt) }
        }
    }

    func write(_ log: [UInt8], by attempt: Attempt) async throws {
        guard log.count <= Self.hugeLog else {
            return hugeLogs.add(log)
        }
        try buildbot.put(log, as: "log", for: attempt)
        try await buildbot.wait { try !buildbot.isThere("log", of: attempt) }
    }

    func leave(_ name: String, _ bytes: [UInt8], by attempt: Attempt) async throws {
        try buildbot.put(bytes, as: "files/\(name)", for: attempt)
    }
}

/// Passes requests on as they are.
private struct BuildbotDoor: Sendable {
    let url: String
    private let transfers = HTTPTransfers(TransferSettings(userAgent: "Kiln-Test"))

    init(url: String) {
        self.url = url
    }

    func pass(_ request: PlayerServer.Request) async -> PlayerServer.Answer {
        let query = request.query.map { "\($0.key)=\(encoded($0.value))" }.joined(separator: "&")
        let passed = ["accept", "authorization", "cookie", "range"].compactMap { name in
            request.headers[name].map { (name: name, value: $0) }
        }
        let call = HTTPRequest(
            HTTPRequest.Method(rawValue: request.method) ?? .get,
            url + request.path + (query.isEmpty ? "" : "?\(query)"), headers: passed,
            body: request.body.isEmpty
                ? .none : .bytes(request.body, contentType: request.headers["content-type"] ?? "text/plain"),
            redirects: .none)
        guard let answer = try? await transfers.send(call, bodyLimit: 64 << 20) else {
            return PlayerServer.Answer(502)
        }
        let kept = ["content-type", "set-cookie", "location", "content-range"]
        return PlayerServer.Answer(
            answer.status, headers: answer.headers.filter { kept.contains($0.key) }, body: answer.body)
    }

    private func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}

/// Makes the output of one step as large as a test wants, at the door.
private final class HugeLogs: Sendable {
    private struct Huge {
        /// All its lines are alike.
        var line: String
        var count: Int
        var step: Int?
    }

    private static let log = 900_000

    private let huge = NIOLockedValueBox<Huge?>(nil)

    func add(_ log: [UInt8]) {
        let line = log.prefix { $0 != UInt8(ascii: "\n") }
        let count = log.count / (line.count + 1)
        huge.withLockedValue { $0 = Huge(line: String(decoding: line, as: UTF8.self), count: count) }
    }

    /// `nil` for what Buildbot is to answer itself.
    func played(_ request: PlayerServer.Request) -> PlayerServer.Answer? {
        huge.withLockedValue { huge in
            guard let known = huge else { return nil }
            if request.path.hasPrefix("/api/v2/steps/"), request.path.hasSuffix("/logs") {
                // The first step that is asked for gets it, instead of its own.
                guard let step = Int(request.path.split(separator: "/")[3]), step == known.step ?? step else {
                    return nil
                }
                huge?.step = step
                return .json(
                    #"{"logs":[{"complete":true,"logid":\#(Self.log),"num_lines":\#(known.count),"type":"s"}]}"#)
            }
            guard request.path == "/api/v2/logs/\(Self.log)/contents", let from = Int(request.query["offset"] ?? ""),
                let count = Int(request.query["limit"] ?? "")
            else { return nil }
            let content = String(repeating: "o\(known.line)\\n", count: max(0, min(count, known.count - from)))
            return .json(#"{"logchunks":[{"content":"\#(content)","firstline":\#(from),"logid":\#(Self.log)}]}"#)
        }
    }
}

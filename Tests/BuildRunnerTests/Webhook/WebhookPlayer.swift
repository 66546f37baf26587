import BuildRunner
import Crypto
import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport

/// A little service as docs/providers/webhook.md describes it: it verifies what it is asked, keeps one run for each
/// attempt, and says how it goes.
final class WebhookPlayer: PlayedCI {
    private struct PlayedRun {
        var id: String
        var state: String
        var message: String?
        var document: [UInt8]
    }

    private static let secret = "webhook-s3cret"

    let server: PlayerServer
    let clock: ManualClock
    let provider: any BuildProvider
    let providerWithoutSecrets: (any BuildProvider)?
    let abilities: Set<PlayedAbility> = [.cancel, .restart, .deletion]

    private let folder: TemporaryDirectory
    private let runs: NIOLockedValueBox<[String: PlayedRun]>

    /// - Parameter saysState: `false` for a service that only calls back.
    init(saysState: Bool = true, secret: String = secret) async throws {
        let (runs, clock) = (NIOLockedValueBox<[String: PlayedRun]>([:]), ManualClock())
        (self.runs, self.clock) = (runs, clock)
        server = try await PlayerServer { request in
            Self.answer(request, runs, now: clock.now(), saysState: saysState)
        }
        folder = try TemporaryDirectory()
        provider = WebhookProvider(
            tools: Played.tools(secrets: ["HOOK": secret], clock: clock, scratch: folder.path("scratch")))
        providerWithoutSecrets = WebhookProvider(
            tools: Played.tools(secrets: [:], clock: clock, scratch: folder.path("scratch")))
    }

    // MARK: - The service

    private static func answer(
        _ request: PlayerServer.Request, _ runs: NIOLockedValueBox<[String: PlayedRun]>, now: Timestamp, saysState: Bool
    ) -> PlayerServer.Answer {
        guard request.method == "POST", request.path == "/builds", isGenuine(request, now: now),
            let document = try? JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any],
            let event = request.headers["kiln-event"], document["event"] as? String == event
        else { return .json(#"{"error":"not from Kiln"}"#, status: 401) }
        if event == "check" { return PlayerServer.Answer(204) }
        guard let key = request.headers["idempotency-key"], document["attempt"] as? String == key else {
            return .json(#"{"error":"no key"}"#, status: 400)
        }
        return runs.withLockedValue { runs in
            switch event {
            case "trigger":
                if let run = runs[key] { return .json(describe(run, saysState), status: 409) }
                let run = PlayedRun(id: "run-\(runs.count + 1)", state: "queued", document: request.body)
                runs[key] = run
                return .json(describe(run, saysState), status: 202)
            case "find":
                guard let run = runs[key] else { return .json(#"{"error":"no such run"}"#, status: 404) }
                return .json(describe(run, saysState))
            case "cancel":
                guard let run = runs[key] else { return .json(#"{"error":"no such run"}"#, status: 404) }
                if ["queued", "running"].contains(run.state) { runs[key]?.state = "cancelled" }
                return PlayerServer.Answer(204)
            default:
                return .json(#"{"error":"no such event"}"#, status: 400)
            }
        }
    }

    private static func describe(_ run: PlayedRun, _ saysState: Bool) -> String {
        var fields = [#""id":"\#(run.id)""#, #""url":"https://ci.example.org/\#(run.id)""#]
        if saysState { fields.append(#""state":"\#(run.state)""#) }
        if let message = run.message { fields.append(#""message":"\#(message)""#) }
        return #"{"run":{\#(fields.joined(separator: ","))}}"#
    }

    /// As the reference receiver does it: in constant time, and not for old requests.
    private static func isGenuine(_ request: PlayerServer.Request, now: Timestamp) -> Bool {
        let parts = (request.headers["kiln-signature"] ?? "").split(separator: ",").map { $0.split(separator: "=") }
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 }), parts[0][0] == "t", parts[1][0] == "v1",
            let moment = Int64(parts[0][1]), abs(moment - now.milliseconds / 1000) <= 300
        else { return false }
        let hex = Array(parts[1][1].utf8)
        let code = stride(from: 0, to: hex.count - 1, by: 2).compactMap {
            UInt8(String(decoding: hex[$0...($0 + 1)], as: UTF8.self), radix: 16)
        }
        return HMAC<SHA256>.isValidAuthenticationCode(
            code, authenticating: Array("\(moment).".utf8) + request.body,
            using: SymmetricKey(data: Data(secret.utf8)))
    }

    /// The document with which an attempt's run was started.
    func document(of attempt: Attempt) -> [UInt8]? { runs.withLockedValue { $0[attempt.publicKey]?.document } }

    // MARK: - PlayedCI

    func order(_ name: String) -> BuildOrder {
        let parameters = (try? JobTemplate("{{name}}")).map { [JobParameter(name: "name", value: $0)] } ?? []
        return Played.order(
            name, at: .webhook(WebhookSettings(url: "\(server.url)/builds", secret: SecretName("HOOK"))),
            parameters: parameters, clock: clock)
    }

    func startsRun(_ request: PlayerServer.Request) -> Bool { request.headers["kiln-event"] == "trigger" }
    func asksForState(_ request: PlayerServer.Request) -> Bool { request.headers["kiln-event"] == "find" }
    func runCount(of attempt: Attempt) async -> Int { runs.withLockedValue { $0[attempt.publicKey] == nil ? 0 : 1 } }

    func move(_ attempt: Attempt, to state: PlayedState) async throws {
        runs.withLockedValue { runs in
            switch state {
            case .queued: runs[attempt.publicKey]?.state = "queued"
            case .running, .restarted: runs[attempt.publicKey]?.state = "running"
            case .succeeded: runs[attempt.publicKey]?.state = "succeeded"
            case .failed:
                runs[attempt.publicKey]?.state = "failed"
                runs[attempt.publicKey]?.message = "The kernel\\u0007 is missing."
            case .cancelled: runs[attempt.publicKey]?.state = "cancelled"
            case .deleted: runs[attempt.publicKey] = nil
            }
        }
    }

    func write(_ log: [UInt8], by attempt: Attempt) async throws {}
    func leave(_ name: String, _ bytes: [UInt8], by attempt: Attempt) async throws {}
}

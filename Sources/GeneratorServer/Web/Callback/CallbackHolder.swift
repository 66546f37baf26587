import BuildRunner
import Domain
import HTTPTypes
import Hummingbird
import NIOConcurrencyHelpers
import Storage

/// Whoever has shown a callback's token: an attempt's run.
struct CallbackHolder: Sendable {
    var build: Build
    var attempt: Attempt
    var recipe: Recipe

    /// A token that is wrong, foreign, ended or missing leads to what an unknown build leads to: nothing can be learnt by
    /// trying (P4). Nothing of the store is asked before the signature was found good.
    init(_ request: Request, _ context: WebContext, _ web: Web, rate: CallbackRate) async throws {
        guard let id = web.parameter("id", context).flatMap({ BuildID($0) }),
            let token = Self.bearer(request.headers[.authorization]),
            case .callback(let attempt) = web.dependencies.signer.capability(of: token, at: web.now),
            Attempt.parse(attempt.key)?.build == id
        else { throw WebError.notFound(.build) }
        guard rate.take(attempt.key, at: web.now) else { throw WebError.callback(.tooMany) }
        guard let build = try await web.build(runBy: attempt), let recipe = web.dependencies.recipes()[build.recipe]
        else { throw WebError.notFound(.build) }
        self.build = build
        self.attempt = attempt
        self.recipe = recipe
    }

    /// Removes what came after the attempt's end: who cleaned up may have been here before these bytes, and nobody comes
    /// again.
    /// - Returns: whether it has ended.
    func removeIfOver(_ web: Web) async throws -> Bool {
        guard try await web.build(runBy: attempt) == nil else { return false }
        try await web.dependencies.reportFiles.removeAll(of: attempt)
        return true
    }

    /// The token of `Authorization: Bearer <token>` (RFC 6750).
    private static func bearer(_ header: String?) -> Substring? {
        guard let header, header.prefix(7).lowercased() == "bearer " else { return nil }
        return header.dropFirst(7).trimmingASCIISpace()
    }
}

/// Counts the requests of each attempt within a second. Only those whose token was good are counted, and those of one
/// second are all that is held (P6).
final class CallbackRate: Sendable {
    static let mostPerSecond = 50

    private struct State {
        var second: Int64 = .min
        var counts: [String: Int] = [:]
    }

    private let state = NIOLockedValueBox(State())

    /// Whether one more is within the limit.
    func take(_ key: String, at now: Timestamp) -> Bool {
        let second = now.milliseconds / 1000
        return state.withLockedValue { state in
            if state.second != second { state = State(second: second) }
            state.counts[key, default: 0] += 1
            return state.counts[key, default: 0] <= Self.mostPerSecond
        }
    }
}

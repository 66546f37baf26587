import Curl
import Domain
import Foundation
import Logging

/// Calls to one CI's HTTP interface, with their answers told apart once for all providers.
struct RemoteAPI: Sendable {
    /// What a lost answer means.
    enum Purpose: Hashable, Sendable {
        /// Nothing changes at the CI: it can be asked again.
        case reading
        /// Something may have happened: *unknown*, to be found out first (P3).
        case acting
    }

    let tools: RemoteTools
    /// Of the provider, for logs.
    let name: String

    /// After a CI said no to our credentials: only its operator or ours can mend that, so that builds wait.
    static let pauseForOperator = Duration.seconds(60)
    static let pauseForServer = Duration.seconds(15)
    static let longestPause = Duration.seconds(3600)
    /// A CI that did not answer may begin the run once it has caught up (`BuildProvider.settlingTime`).
    static let settlingTime = Duration.seconds(15)
    /// Bounds every call but the transfer of files (P6).
    static let timeLimit = Duration.seconds(30)

    /// The answer, if it is a 2xx or one of `also`; every other one as a fault.
    func send(
        _ request: HTTPRequest, for purpose: Purpose, also accepted: Set<Int> = [], bodyLimit: Int = 8 << 20
    ) async throws(RemoteFault) -> HTTPAnswer {
        var request = request
        request.timeLimit = min(request.timeLimit, Self.timeLimit)
        let answer: HTTPAnswer
        do throws(HTTPFailure) {
            answer = try await tools.transfers.send(request, bodyLimit: bodyLimit)
        } catch {
            throw fault(of: error, for: purpose)
        }
        if (200..<300).contains(answer.status) || accepted.contains(answer.status) { return answer }
        throw fault(of: answer, for: purpose)
    }

    /// The answer's body as JSON.
    func json<Value: Decodable>(
        _ type: Value.Type, _ request: HTTPRequest, for purpose: Purpose, bodyLimit: Int = 8 << 20
    ) async throws(RemoteFault) -> Value {
        let answer = try await send(request, for: purpose, bodyLimit: bodyLimit)
        return try decode(type, answer, for: purpose)
    }

    func decode<Value: Decodable>(
        _ type: Value.Type, _ answer: HTTPAnswer, for purpose: Purpose
    ) throws(RemoteFault) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(answer.body))
        } catch {
            throw nonsense("\(name) answered \(answer.status) with what is not the expected JSON", for: purpose)
        }
    }

    /// An answer that cannot be understood says nothing about what happened.
    func nonsense(_ reason: String, for purpose: Purpose) -> RemoteFault {
        switch purpose {
        case .reading: .refusedUntil(after: Self.pauseForServer, reason: reason)
        case .acting: .unknown(reason: reason)
        }
    }

    /// A look that the CI (or what stands before it) answers with what it never should is no end of a build.
    func looking<Value>(_ look: () async throws(RemoteFault) -> Value) async throws(RemoteFault) -> Value {
        do throws(RemoteFault) {
            return try await look()
        } catch .refused {
            throw .refusedUntil(after: Self.pauseForServer, reason: "\(name) refused to be asked")
        }
    }

    /// How an exchange that brought no answer ends.
    func fault(of failure: HTTPFailure, for purpose: Purpose) -> RemoteFault {
        switch failure {
        case .unreachable(let words):
            // Nothing was sent.
            return .refusedUntil(after: Self.pauseForServer, reason: "\(name) cannot be reached: \(words)")
        case .badRequest(let words), .forbiddenAddress(let words):
            tools.logger.error(
                "a call to a CI cannot be made", metadata: ["provider": "\(name)", "reason": "\(words)"])
            return .refused(FailureWords.notStartable)
        case .interrupted, .timedOut, .stopped, .tooLarge, .file:
            let reason = "\(name) did not answer whole: \(failure)"
            return purpose == .acting
                ? .unknown(reason: reason) : .refusedUntil(after: Self.pauseForServer, reason: reason)
        }
    }

    /// How an answer that is no success ends.
    func fault(of answer: HTTPAnswer, for purpose: Purpose) -> RemoteFault {
        let reason = "\(name) answered \(answer.status)\(words(answer))"
        if let pause = pause(answer) { return .refusedUntil(after: pause, reason: reason) }
        switch answer.status {
        case 401, 403, 407:
            tools.logger.error(
                "a CI does not accept Kiln's credentials", metadata: ["provider": "\(name)", "answer": "\(reason)"])
            return .refusedUntil(after: Self.pauseForOperator, reason: reason)
        case 404, 410:
            return .missing(reason: reason)
        case 408, 425, 429:
            return .refusedUntil(after: Self.pauseForOperator, reason: reason)
        case 500...599:
            return purpose == .acting
                ? .unknown(reason: reason) : .refusedUntil(after: Self.pauseForServer, reason: reason)
        default:
            tools.logger.error("a CI refused a call", metadata: ["provider": "\(name)", "answer": "\(reason)"])
            return .refused(FailureWords.notStartable)
        }
    }

    /// When a rate limit, or a server that knows its troubles, allows the next call.
    private func pause(_ answer: HTTPAnswer) -> Duration? {
        guard [403, 429, 503].contains(answer.status) else { return nil }
        return ServerWait.duration(answer.headers, now: tools.clock.now())
    }

    /// What the CI says itself, for the operator: the beginning of a JSON `message` or `error`, without control characters.
    private func words(_ answer: HTTPAnswer) -> String {
        struct Said: Decodable {
            var message: String?
            var error: String?
        }
        guard let said = try? JSONDecoder().decode(Said.self, from: Data(answer.body.prefix(64 << 10))),
            let text = said.message ?? said.error
        else { return "" }
        return ": " + text.shownLine(limit: 300)
    }
}

import Curl
import Domain
import Foundation

/// One Buildbot master, asked as one recipe's settings say: its REST interface, and the log-in that control calls need.
struct BuildbotMaster: Sendable {
    let api: RemoteAPI
    let settings: BuildbotSettings
    let sessions: BuildbotSessions

    private static let redirects = Set(300..<400).subtracting([304])

    // MARK: - Calls

    /// Reads; a 404 is thrown as `.missing`.
    func read<Value: Decodable>(
        _ type: Value.Type, _ path: String, _ query: [(name: String, value: String)] = [], bodyLimit: Int = 8 << 20
    ) async throws(RemoteFault) -> Value {
        let request = HTTPRequest(
            .get, address(path, query), headers: [("Accept", "application/json")], redirects: .none)
        return try api.decode(type, try await exchange(request, for: .reading, bodyLimit: bodyLimit), for: .reading)
    }

    /// Reads what may be larger than `bodyLimit`; then `nil`.
    func bounded<Value: Decodable>(
        _ type: Value.Type, _ path: String, _ query: [(name: String, value: String)], bodyLimit: Int
    ) async throws(RemoteFault) -> Value? {
        let request = HTTPRequest(
            .get, address(path, query), headers: [("Accept", "application/json")] + [cookie()].compactMap { $0 },
            timeLimit: RemoteAPI.timeLimit, redirects: .none)
        let answer: HTTPAnswer
        do throws(HTTPFailure) {
            answer = try await api.tools.transfers.send(request, bodyLimit: bodyLimit)
        } catch {
            if error == .tooLarge { return nil }
            throw api.fault(of: error, for: .reading)
        }
        // Everything else is met again, and sorted out, by the usual call.
        guard answer.status == 200 else { return try await read(type, path, query, bodyLimit: bodyLimit) }
        return try api.decode(type, answer, for: .reading)
    }

    /// A control call: JSON-RPC in a POST. Statuses of `also` come back as answers.
    func control(
        _ path: String, _ method: String, _ parameters: [String: BuildbotValue], for purpose: RemoteAPI.Purpose,
        also accepted: Set<Int> = []
    ) async throws(RemoteFault) -> HTTPAnswer {
        let call = BuildbotCall(method: method, params: parameters)
        let request = HTTPRequest(
            .post, address(path), headers: [("Accept", "application/json")],
            body: try .json(call), redirects: .none)
        return try await exchange(request, for: purpose, also: accepted)
    }

    func address(_ path: String, _ query: [(name: String, value: String)] = []) -> String {
        "\(settings.baseURL)/api/v2/\(path)" + (query.isEmpty ? "" : "?\(formText(query))")
    }

    // MARK: - Log-in

    /// The header that shows who asks; `nil` where nobody has logged in yet.
    func cookie() -> (name: String, value: String)? {
        sessions[settings].map { ("Cookie", $0) }
    }

    /// The user's name and password; `nil` if the master asks for none.
    func credentials() throws(RemoteFault) -> String? {
        guard let user = settings.user else { return nil }
        guard let name = settings.password else {
            throw .refusedUntil(
                after: RemoteAPI.pauseForOperator, reason: "the recipe names a user and no password")
        }
        return "\(user):\(try api.tools.needed(name))"
    }

    /// Logs in and keeps the session; `false` if the master asks for no log-in.
    @discardableResult
    func logIn() async throws(RemoteFault) -> Bool {
        guard let credentials = try credentials() else { return false }
        // A TWISTED_SESSION comes twice, the anonymous one first: the last one counts, and the last one is kept.
        let request = HTTPRequest(
            .get, "\(settings.baseURL)/auth/login",
            headers: [("Authorization", "Basic \(Data(credentials.utf8).base64EncodedString())")], redirects: .none)
        let answer: HTTPAnswer
        do throws(RemoteFault) {
            answer = try await api.send(request, for: .reading, also: Self.redirects)
        } catch {
            guard case .missing = error else { throw error }
            throw .refusedUntil(after: RemoteAPI.pauseForOperator, reason: "\(api.name) has no log-in at /auth/login")
        }
        guard let cookie = Self.session(in: answer) else {
            throw api.nonsense("\(api.name) answered the log-in without a session", for: .reading)
        }
        sessions[settings] = cookie
        return true
    }

    private static func session(in answer: HTTPAnswer) -> String? {
        guard let cookie = answer.headers["set-cookie"]?.split(separator: ";").first,
            cookie.hasPrefix("TWISTED_"), cookie.contains("="),
            cookie.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ",") })
        else { return nil }
        return String(cookie)
    }

    /// Asks, logging in where that is needed: before the first control call, and when the session has run out.
    private func exchange(
        _ request: HTTPRequest, for purpose: RemoteAPI.Purpose, also accepted: Set<Int> = [], bodyLimit: Int = 8 << 20
    ) async throws(RemoteFault) -> HTTPAnswer {
        var isFresh = false
        if purpose == .acting, sessions[settings] == nil { isFresh = try await logIn() }
        var answer = try await ask(request, for: purpose, also: accepted, bodyLimit: bodyLimit)
        if !isFresh, settings.user != nil, isLoggedOut(answer) {
            // A 403 of the master's own: nothing was done.
            sessions[settings] = nil
            try await logIn()
            answer = try await ask(request, for: purpose, also: accepted, bodyLimit: bodyLimit)
        }
        if answer.status == 403 { throw api.fault(of: answer, for: purpose) }
        if answer.status == 404 {
            // A proxy's 404, while the master is down, says nothing about what is there.
            throw Self.isOwn(answer)
                ? .missing(reason: "\(api.name) knows nothing of that (404)")
                : api.nonsense("\(api.name)'s door answered 404", for: purpose)
        }
        if Self.redirects.contains(answer.status) {
            throw api.nonsense("\(api.name) led elsewhere (\(answer.status))", for: purpose)
        }
        return answer
    }

    private func ask(
        _ request: HTTPRequest, for purpose: RemoteAPI.Purpose, also accepted: Set<Int>, bodyLimit: Int
    ) async throws(RemoteFault) -> HTTPAnswer {
        var request = request
        if let cookie = cookie() { request.headers.append(cookie) }
        let own = purpose == .reading ? Set([403, 404]) : [403]
        return try await api.send(
            request, for: purpose, also: accepted.union(own).union(Self.redirects), bodyLimit: bodyLimit)
    }

    /// Whether an answer to a reading call is the data API's.
    private static func isOwn(_ answer: HTTPAnswer) -> Bool {
        struct Words: Decodable { var error: String }
        return (try? JSONDecoder().decode(Words.self, from: Data(answer.body))) != nil
    }

    /// Buildbot's own words for a session that is not (any more) good enough; a proxy before it has others.
    private func isLoggedOut(_ answer: HTTPAnswer) -> Bool {
        guard answer.status == 403, answer.headers["retry-after"] == nil else { return false }
        if let refusal = try? JSONDecoder().decode(BuildbotAnswers.Refusal.self, from: Data(answer.body)) {
            return refusal.error.code == -32600
        }
        struct Words: Decodable { var error: String }
        let words = try? JSONDecoder().decode(Words.self, from: Data(answer.body))
        return words?.error.hasPrefix("you need to have role") ?? false
    }
}

/// A value in a control call.
enum BuildbotValue: Hashable, Sendable, Encodable {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([String])

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .flag(let isOn): try container.encode(isOn)
        case .list(let texts): try container.encode(texts)
        }
    }
}

private struct BuildbotCall: Encodable {
    var jsonrpc = "2.0"
    var id = 1
    var method: String
    var params: [String: BuildbotValue]
}

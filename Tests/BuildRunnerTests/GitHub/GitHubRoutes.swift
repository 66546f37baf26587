import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport

/// The played GitHub's interface, below `/api/v3`.
struct GitHubRoutes: Sendable {
    typealias Request = PlayerServer.Request
    typealias Answer = PlayerServer.Answer

    let ways: GitHubPlayer.Ways
    let state: NIOLockedValueBox<GitHubPlayer.State>
    let clock: ManualClock
    /// Address of the host that keeps files.
    let store: String
    let contract: ContractValidator?

    private static let base = "/api/v3"

    func answer(_ request: Request) -> Answer {
        guard request.path.hasPrefix(Self.base) else { return problem("asked for \(request.path)", status: 404) }
        var request = request
        request.path = String(request.path.dropFirst(Self.base.count))
        let body = request.body.isEmpty ? nil : JSONValue(request.body)
        check(request, body)
        var answer = checkHead(request) ?? route(request, body)
        if answer.status == 200, request.method == "GET", !answer.body.isEmpty {
            let tag = "W/\"\(Self.digest(answer.body))\""
            answer.headers["ETag"] = tag
            if request.headers["if-none-match"] == tag { answer = Answer(304, headers: ["ETag": tag]) }
        }
        let left = state.withLockedValue { state in
            if answer.status != 304 { state.callsLeft -= 1 }
            return state.callsLeft
        }
        answer.headers["X-RateLimit-Limit"] = "5000"
        answer.headers["X-RateLimit-Remaining"] = String(left)
        answer.headers["X-RateLimit-Reset"] = String(clock.now().milliseconds / 1000 + 1800)
        check(answer, to: request)
        return answer
    }

    func error(_ status: Int, _ message: String) -> Answer {
        .json(
            String(
                decoding: JSONValue.object([
                    "message": .text(message), "documentation_url": "https://docs.github.com/rest",
                ]).bytes, as: UTF8.self), status: status)
    }

    func json(_ value: JSONValue, status: Int = 200) -> Answer {
        Answer(status, headers: ["Content-Type": "application/json; charset=utf-8"], body: value.bytes)
    }

    /// What GitHub would not answer so, but a test has to hear of.
    func problem(_ words: String, status: Int) -> Answer {
        state.withLockedValue { $0.problems.append(words) }
        return error(status, words)
    }

    private func checkHead(_ request: Request) -> Answer? {
        guard let agent = request.headers["user-agent"], !agent.isEmpty else {
            return problem("Please make sure your request has a User-Agent header", status: 403)
        }
        let accepted =
            request.path.contains("/releases/assets/") ? "application/octet-stream" : "application/vnd.github+json"
        guard request.headers["accept"] == accepted else {
            return problem("Unsupported 'Accept' header: \(request.headers["accept"] ?? "none")", status: 415)
        }
        guard request.headers["x-github-api-version"] == "2022-11-28" else {
            return problem("an API version is missing", status: 400)
        }
        if !request.body.isEmpty, request.headers["content-type"] != "application/json" {
            return problem("a body that is not said to be JSON", status: 415)
        }
        let token = (request.headers["authorization"] ?? "").split(separator: " ", maxSplits: 1).last ?? ""
        guard request.headers["authorization"]?.hasPrefix("Bearer ") == true else {
            return error(401, "Requires authentication")
        }
        if request.path.hasPrefix("/app/") { return nil }
        let isGood =
            ways.app == nil
            ? token == GitHubPlayer.token
            : state.withLockedValue { $0.tokens[String(token)] }.map { clock.now() < $0 } ?? false
        return isGood ? nil : error(401, "Bad credentials")
    }

    private func route(_ request: Request, _ body: JSONValue?) -> Answer {
        if request.path.hasPrefix("/app/installations/") { return giveToken(request) }
        guard request.path.hasPrefix(GitHubPlayer.repository) else { return error(404, "Not Found") }
        let parts = request.path.dropFirst(GitHubPlayer.repository.count).split(separator: "/").map(String.init)
        switch (request.method, parts.count, parts.first, parts.dropFirst().first) {
        case ("GET", 0, _, _): return json(GitHubDocuments.repository(permits: true))
        case ("POST", 1, "dispatches", _): return dispatchRepository(body)
        case ("POST", 4, "actions", "workflows") where parts[3] == "dispatches":
            return parts[2] == "build.yml" ? dispatchWorkflow(body) : error(404, "Not Found")
        case ("GET", 3, "actions", "workflows"):
            return parts[2] == "build.yml" ? json(GitHubDocuments.workflow) : error(404, "Not Found")
        case ("GET", 4, "actions", "workflows") where parts[3] == "runs": return list(request)
        case ("GET", 2, "actions", "runs"): return list(request)
        case (_, 3..., "actions", "runs"): return answerRun(request, Array(parts.dropFirst(2)))
        case ("GET", 4, "actions", "artifacts") where parts[3] == "zip":
            return lead("artifacts/\((Int64(parts[2]) ?? 0) - 500)")
        case ("GET", 3, "releases", "tags"):
            guard parts[2] == "v1%2Fsample" else { return error(404, "Not Found") }
            return json(GitHubDocuments.release(state.withLockedValue { $0.assets }))
        case ("GET", 3, "releases", "assets"): return lead("assets/\(parts[2])")
        default: return error(404, "Not Found")
        }
    }

    private func answerRun(_ request: Request, _ parts: [String]) -> Answer {
        guard let id = Int64(parts[0]), let run = state.withLockedValue({ $0.runs.first { $0.id == id } }) else {
            return error(404, "Not Found")
        }
        let isOver = run.status == "completed"
        switch (request.method, parts.count > 1 ? parts[1] : "") {
        case ("GET", ""):
            if ways.changesAtEachLook, !isOver { touch(id) }
            return json(GitHubDocuments.run(run))
        case ("GET", "jobs"): return json(GitHubDocuments.jobs(of: run))
        case ("GET", "logs"): return isOver && ways.hasLogs ? lead("logs/\(id)") : error(404, "Not Found")
        case ("GET", "artifacts"): return json(GitHubDocuments.artifacts(of: run))
        case ("POST", "cancel"):
            return isOver
                ? error(409, "Cannot cancel a workflow run that is completed.") : json([:], status: 202)
        default: return error(404, "Not Found")
        }
    }

    private func touch(_ id: Int64) {
        state.withLockedValue { state in
            if let place = state.runs.firstIndex(where: { $0.id == id }) { state.runs[place].version += 1 }
        }
    }

    private func lead(_ place: String) -> Answer {
        Answer(302, headers: ["Location": "\(store)/\(place)?signature=good"])
    }

    private func list(_ request: Request) -> Answer {
        guard let since = request.query["created"], since.hasPrefix(">="),
            let pages = request.query["per_page"].flatMap({ Int($0) }), (1...100).contains(pages)
        else {
            return problem("a list without its bounds", status: 422)
        }
        let page = request.query["page"].flatMap { Int($0) } ?? 1
        let from = String(since.dropFirst(2))
        let runs = state.withLockedValue { state -> [GitHubPlayer.PlayedRun] in
            for place in state.runs.indices { state.runs[place].searches += 1 }
            return state.runs.filter { run in
                run.searches > ways.listLag && "\(run.createdAt)" >= from
                    && run.event == request.query["event"] ?? run.event
                    && run.branch == request.query["branch"] ?? run.branch
            }
        }
        // The newest first.
        let shown = runs.reversed().dropFirst((page - 1) * pages).prefix(pages)
        return json([
            "total_count": .integer(Int64(runs.count)), "workflow_runs": .list(shown.map { GitHubDocuments.run($0) }),
        ])
    }

    private static func digest(_ bytes: [UInt8]) -> String {
        String(bytes.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }, radix: 16)
    }
}

// MARK: - Held to the description

extension GitHubRoutes {
    /// The description of 2021, with today's dispatch: up to 25 inputs, and the run's id in the answer where it is
    /// asked for.
    static func contract() throws -> ContractValidator? {
        let string: JSONValue = ["type": "string"]
        let inPath = { (name: String) -> JSONValue in
            ["name": .text(name), "in": "path", "required": true, "schema": string]
        }
        let dispatch: JSONValue = [
            "post": [
                "parameters": .list(["owner", "repo", "workflow_id"].map(inPath)),
                "requestBody": [
                    "required": true,
                    "content": [
                        "application/json": [
                            "schema": [
                                "type": "object", "required": ["ref"],
                                "properties": [
                                    "ref": string, "return_run_details": ["type": "boolean"],
                                    "inputs": ["type": "object", "additionalProperties": string, "maxProperties": 25],
                                ],
                            ]
                        ]
                    ],
                ],
                "responses": [
                    "204": ["description": "Method"],
                    "200": [
                        "content": [
                            "application/json": [
                                "schema": [
                                    "type": "object", "required": ["workflow_run_id", "run_url", "html_url"],
                                    "properties": [
                                        "workflow_run_id": ["type": "integer"],
                                        "run_url": ["type": "string", "format": "uri"],
                                        "html_url": ["type": "string", "format": "uri"],
                                    ],
                                ]
                            ]
                        ]
                    ],
                ],
            ]
        ]
        return try ContractValidator.find(
            "github/openapi-actions-releases-2021.json",
            replacing: ["/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches": dispatch])
    }

    /// The excerpt has neither the repository itself nor Apps.
    private func isDescribed(_ request: Request) -> Bool {
        request.path != GitHubPlayer.repository && !request.path.hasPrefix("/app/")
    }

    fileprivate func check(_ request: Request, _ body: JSONValue?) {
        guard let contract, isDescribed(request) else { return }
        var query = request.query
        // A range of moments: GitHub's text describes it, its schema does not.
        if let created = query["created"] { query["created"] = String(created.drop { ">=<.".contains($0) }) }
        let problems = contract.problems(ofRequest: request.method, request.path, query: query, body: body)
        state.withLockedValue { $0.problems += problems }
    }

    fileprivate func check(_ answer: Answer, to request: Request) {
        guard let contract, isDescribed(request), !request.path.contains("/releases/assets/") else { return }
        let body = answer.body.isEmpty ? nil : JSONValue(answer.body)
        let problems = contract.problems(ofAnswer: answer.status, body: body, to: request.method, request.path)
        state.withLockedValue { $0.problems += problems }
    }
}

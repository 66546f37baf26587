import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport

/// What the played Gitea answers.
struct GiteaDesk: Sendable {
    typealias Answer = PlayerServer.Answer
    typealias Request = PlayerServer.Request

    let state: NIOLockedValueBox<GiteaPlayer.State>
    let clock: ManualClock
    let kind: GiteaPlayer.Server
    let validator: ContractValidator?

    func answer(_ request: Request) -> Answer {
        state.withLockedValue { state in
            if let asset = state.assets[request.path] { return Answer(200, body: asset) }
            if request.path.hasPrefix("/signed/") { return archive(request, state) }
            guard request.path.hasPrefix("/api/v1/") else { return Self.refusal(404, "not found") }
            guard request.headers["authorization"] == "token \(GiteaPlayer.token)" else {
                return Self.refusal(401, "invalid username, password or token")
            }
            let path = String(request.path.dropFirst("/api/v1".count))
            let parts = path.split(separator: "/").map(String.init)
            guard parts.prefix(3) == ["repos", "kiln", "image"] else { return Self.refusal(404, "not found") }
            // What the description does not have: the repository itself, its files, and Gitea 1.28's cancel.
            let isDescribed = parts.count > 3 && parts[3] != "raw" && parts.last != "cancel"
            if isDescribed {
                state.complaints +=
                    validator?.problems(
                        ofRequest: request.method, path, query: request.query, body: JSONValue(request.body)) ?? []
            }
            let answer = answer(request, Array(parts.dropFirst(3)), &state)
            if isDescribed {
                // Logs are served with ranges, which the description leaves out.
                let status = answer.status == 206 ? 200 : answer.status
                state.complaints +=
                    validator?.problems(
                        ofAnswer: status, body: JSONValue(answer.body), to: request.method, path) ?? []
            }
            return answer
        }
    }

    private func answer(_ request: Request, _ parts: [String], _ state: inout GiteaPlayer.State) -> Answer {
        switch (request.method, parts.count, parts.first ?? "") {
        case ("GET", 0, _):
            return json([
                "full_name": "kiln/image", "has_actions": true, "archived": false,
                "permissions": ["admin": false, "push": .flag(state.mayPush), "pull": true],
            ])
        case ("GET", 4, "raw"):
            let isThere = parts[1] == ".forgejo" && parts[3] == "image.yml" && request.query["ref"] == "main"
            return isThere ? Answer(200, body: Array(state.workflow.utf8)) : Self.refusal(404, "not found")
        case ("GET", 3, "releases") where parts[1] == "tags":
            guard let assets = state.releases[parts[2]] else { return Self.refusal(404, "not found") }
            let shown = assets.map { asset -> JSONValue in
                [
                    "name": .text(asset.name), "size": .integer(asset.size), "browser_download_url": .text(asset.url),
                ]
            }
            return json(["id": 1, "tag_name": .text(parts[2]), "assets": .list(shown)])
        case ("POST", 4, "actions") where parts[1] == "workflows": return dispatch(request, parts[2], &state)
        case ("GET", 2, "actions") where parts[1] == "runs": return list(request, state)
        case (_, 3..., "actions") where parts[1] == "runs": return run(request, parts, &state)
        case ("GET", 4, "actions") where parts[1] == "jobs":
            guard let job = state.runs.flatMap(\.jobs).first(where: { String($0.id) == parts[2] }),
                job.startedAt != nil
            else { return Self.refusal(404, "job not started") }
            return PlayedRange.answer(job.log, to: request.headers["range"])
        case ("GET", 4, "actions") where parts[1] == "artifacts":
            return Answer(302, headers: ["Location": "\(state.storage ?? "")/signed/\(parts[2])"])
        default: return Self.refusal(404, "not found")
        }
    }

    private func dispatch(_ request: Request, _ workflow: String, _ state: inout GiteaPlayer.State) -> Answer {
        guard workflow == "image.yml" else { return Self.refusal(404, "workflow \"\(workflow)\" not found") }
        guard request.headers["content-type"] == "application/json", let body = JSONValue(request.body)?.members else {
            return Self.refusal(422, "[]: EOF")
        }
        for name in body.keys where !["ref", "inputs"].contains(name) {
            state.complaints.append("unknown field \(name)")
        }
        guard let ref = body["ref"]?.string else { return Self.refusal(422, "ref is required") }
        guard ref == "main" else { return Self.refusal(404, "ref \"\(ref)\" not found") }
        var inputs: [String: String] = [:]
        for (name, value) in body["inputs"]?.members ?? [:] {
            guard let text = value.string else { return Self.refusal(422, "json: cannot unmarshal") }
            guard GiteaPlayer.declared.contains(name) else {
                state.complaints.append("input \(name) is not declared")
                continue
            }
            inputs[name] = text
        }
        let id = state.nextID
        state.nextID += 3
        let name = state.workflow.contains("run-name") ? "Kiln \(inputs["KILN_ATTEMPT"] ?? "")" : "Add the recipe"
        state.runs.append(
            GiteaPlayer.PlayedRun(
                id: id, title: name, inputs: inputs,
                jobs: [GiteaPlayer.Job(id: id + 1, name: "make"), GiteaPlayer.Job(id: id + 2, name: "upload")]))
        guard kind == .gitea, request.query["return_run_details"] == "true" else { return Answer(204) }
        return json([
            "workflow_run_id": .integer(id), "run_url": .text("https://gitea.example.org/api/v1/runs/\(id)"),
            "html_url": .text(Self.page(id)),
        ])
    }

    private func list(_ request: Request, _ state: GiteaPlayer.State) -> Answer {
        let page = Int(request.query["page"] ?? "1") ?? 1
        let size = min(Int(request.query["limit"] ?? "30") ?? 30, 50)
        let runs = state.runs.sorted { $0.id > $1.id }.dropFirst((page - 1) * size).prefix(size).map { shown($0) }
        return json(["total_count": .integer(Int64(state.runs.count)), "workflow_runs": .list(Array(runs))])
    }

    private func run(_ request: Request, _ parts: [String], _ state: inout GiteaPlayer.State) -> Answer {
        guard let place = state.runs.firstIndex(where: { String($0.id) == parts[2] }) else {
            return Self.refusal(404, "not found")
        }
        let run = state.runs[place]
        switch (request.method, parts.count > 3 ? parts[3] : "") {
        case ("GET", ""): return json(shown(run))
        case ("GET", "jobs"):
            let jobs = JSONValue.list(run.jobs.map { shown($0, run) })
            return json(kind == .forgejo ? jobs : ["total_count": 2, "jobs": jobs])
        case ("GET", "artifacts"):
            let artifact: JSONValue = [
                "id": .integer(run.id), "name": "image", "size_in_bytes": 6, "expired": false,
            ]
            let list = JSONValue.list(run.files.isEmpty ? [] : [artifact])
            return json(kind == .forgejo ? list : ["total_count": 1, "artifacts": list])
        case ("POST", "cancel") where kind == .gitea:
            guard [.queued, .running].contains(run.progress) else { return Self.refusal(409, "run is done") }
            GiteaPlayer.cancel(&state.runs[place])
            return json(shown(state.runs[place]), status: 202)
        case ("POST", "cancel") where kind == .forgejo:
            GiteaPlayer.cancel(&state.runs[place])
            return Answer(204)
        default: return Self.refusal(404, "not found")
        }
    }

    private func archive(_ request: Request, _ state: GiteaPlayer.State) -> Answer {
        guard let run = state.runs.first(where: { request.path == "/signed/\($0.id)" }) else {
            return Self.refusal(404, "not found")
        }
        return Answer(200, headers: ["Content-Type": "application/zip"], body: StoredZip.bytes(run.files))
    }

    private func shown(_ run: GiteaPlayer.PlayedRun) -> JSONValue {
        if kind == .forgejo {
            return [
                "id": .integer(run.id), "title": .text(run.title), "index_in_repo": 7, "workflow_id": "image.yml",
                "prettyref": "main", "event": "workflow_dispatch", "status": .text(Self.word(run.progress)),
                "started": .text(run.startedAt?.description ?? "0001-01-01T00:00:00Z"),
                "html_url": .text(Self.page(run.id)),
            ]
        }
        var members: [String: JSONValue] = [
            "id": .integer(run.id), "display_title": .text(run.title), "run_number": 7,
            "run_attempt": .integer(run.attempt), "path": "image.yml@refs/heads/main", "head_branch": "main",
            "event": "workflow_dispatch", "status": .text(Self.status(run.progress)),
            "started_at": .text(run.startedAt?.description ?? "1970-01-01T00:00:00Z"),
            "html_url": .text(Self.page(run.id)),
        ]
        if let conclusion = Self.conclusion(run.progress) { members["conclusion"] = .text(conclusion) }
        return .object(members)
    }

    private func shown(_ job: GiteaPlayer.Job, _ run: GiteaPlayer.PlayedRun) -> JSONValue {
        if kind == .forgejo {
            return [
                "id": .integer(job.id), "run_id": .integer(run.id), "attempt": .integer(run.attempt),
                "name": .text(job.name), "task_id": .integer(job.startedAt == nil ? 0 : job.id + 1000),
                "status": .text(Self.word(job.progress)),
            ]
        }
        var members: [String: JSONValue] = [
            "id": .integer(job.id), "run_id": .integer(run.id), "run_attempt": .integer(run.attempt),
            "name": .text(job.name), "status": .text(Self.status(job.progress)),
            "started_at": .text(job.startedAt?.description ?? "1970-01-01T00:00:00Z"),
        ]
        if let conclusion = Self.conclusion(job.progress) { members["conclusion"] = .text(conclusion) }
        return .object(members)
    }

    private static func page(_ id: Int64) -> String { "https://gitea.example.org/kiln/image/actions/runs/\(id)" }

    private static func status(_ progress: GiteaPlayer.PlayedProgress) -> String {
        switch progress {
        case .queued: "queued"
        case .running: "in_progress"
        case .success, .failure, .cancelled, .skipped: "completed"
        }
    }

    private static func conclusion(_ progress: GiteaPlayer.PlayedProgress) -> String? {
        [.queued, .running].contains(progress) ? nil : word(progress)
    }

    private static func word(_ progress: GiteaPlayer.PlayedProgress) -> String {
        switch progress {
        case .queued: "waiting"
        case .running: "running"
        case .success: "success"
        case .failure: "failure"
        case .cancelled: "cancelled"
        case .skipped: "skipped"
        }
    }

    private func json(_ value: JSONValue, status: Int = 200) -> Answer {
        .json(String(decoding: value.bytes, as: UTF8.self), status: status)
    }

    private static func refusal(_ status: Int, _ message: String) -> Answer {
        let body: JSONValue = ["message": .text(message), "url": "https://gitea.example.org/api/swagger"]
        return .json(String(decoding: body.bytes, as: UTF8.self), status: status)
    }
}

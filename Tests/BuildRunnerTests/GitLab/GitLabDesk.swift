import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport

/// What the played GitLab answers.
struct GitLabDesk: Sendable {
    typealias Answer = PlayerServer.Answer
    typealias Request = PlayerServer.Request

    let state: NIOLockedValueBox<GitLabPlayer.State>
    let clock: ManualClock
    let hasRanges: Bool
    let jobs: ContractValidator?
    let pipelines: ContractValidator?

    func answer(_ request: Request) -> Answer {
        state.withLockedValue { state in
            if let asset = state.assets[request.path] {
                return Answer(200, body: request.method == "HEAD" ? asset : asset)
            }
            guard request.path.hasPrefix("/api/v4/") else { return Self.refusal(404, "404 Not Found") }
            let parts = request.path.dropFirst("/api/v4/".count).split(separator: "/").map(String.init)
            let isTrigger = request.method == "POST" && parts.count == 4 && parts[2] == "trigger"
            if !isTrigger, request.headers["private-token"] != GitLabPlayer.token {
                return Self.refusal(401, "401 Unauthorized")
            }
            if parts == ["personal_access_tokens", "self"] {
                return json(.object(["scopes": .list(state.scopes.map { .text($0) }), "expires_at": "2027-01-31"]))
            }
            guard parts.count >= 2, parts[0] == "projects", ["42", "group%2Fsub%2Fimage"].contains(parts[1]) else {
                return Self.refusal(404, "404 Project Not Found")
            }
            return answer(request, Array(parts.dropFirst(2)), &state)
        }
    }

    private func answer(_ request: Request, _ parts: [String], _ state: inout GitLabPlayer.State) -> Answer {
        let known: [String: Set<String>] = [
            "pipelines": ["ref", "updated_after", "order_by", "sort", "per_page", "page"],
            "jobs": ["include_retried", "per_page", "page"],
        ]
        for name in request.query.keys where !(known[parts.last ?? ""] ?? []).contains(name) {
            state.complaints.append("\(request.method) \(request.path): unknown query \(name)")
        }
        switch (request.method, parts.count, parts.first) {
        case ("GET", 0, _):
            return json([
                "id": 42, "path_with_namespace": "group/sub/image", "builds_access_level": "enabled",
                "ci_pipeline_variables_minimum_override_role": .text(state.minimumRole),
            ])
        case ("GET", 3, "repository") where parts[1] == "commits":
            return ["main", "v1%2Fa"].contains(parts[2])
                ? json(["id": "a91957a8"]) : Self.refusal(404, "404 Commit Not Found")
        case ("POST", 1, "pipeline"): return create(request, &state)
        case ("POST", 2, "trigger"): return trigger(request, &state)
        case ("GET", 1, "pipelines"): return list(request, state)
        case (_, 2..., "pipelines"): return pipeline(request, parts, &state)
        case ("GET", 3, "jobs"): return job(request, parts, state)
        case ("GET", 2, "releases"):
            guard let links = state.releases[parts[1]] else { return Self.refusal(404, "404 Not Found") }
            let shown = links.map { link -> JSONValue in ["name": .text(link.name), "url": .text(link.url)] }
            return json(["tag_name": .text(parts[1]), "assets": ["links": .list(shown)]])
        default: return Self.refusal(404, "404 Not Found")
        }
    }

    // MARK: - Starting

    private func create(_ request: Request, _ state: inout GitLabPlayer.State) -> Answer {
        guard request.headers["content-type"]?.hasPrefix("application/json") == true,
            let body = JSONValue(request.body)?.members
        else { return Self.fault("ref is missing") }
        for name in body.keys where !["ref", "variables", "inputs"].contains(name) {
            state.complaints.append("unknown field \(name)")
        }
        guard let ref = body["ref"]?.string else { return Self.fault("ref is missing") }
        var variables: [String: String] = [:]
        for variable in body["variables"]?.elements ?? [] {
            guard let key = variable["key"]?.string, let value = variable["value"]?.string else {
                return Self.fault("variables is invalid")
            }
            variables[key] = value
        }
        return start(ref, variables, by: "api", &state)
    }

    private func trigger(_ request: Request, _ state: inout GitLabPlayer.State) -> Answer {
        var fields: [String: String] = [:]
        guard request.headers["content-type"] == "application/x-www-form-urlencoded" else {
            return Self.fault("ref is missing, token is missing")
        }
        for pair in request.text.split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            fields[Self.decoded(sides[0])] = sides.count > 1 ? Self.decoded(sides[1]) : ""
        }
        guard let ref = fields["ref"], !ref.isEmpty else { return Self.fault("ref is missing") }
        guard let token = fields["token"] else { return Self.fault("token is missing") }
        guard token == GitLabPlayer.triggerToken else { return Self.refusal(404, "404 Not Found") }
        if request.headers["private-token"] != nil { state.complaints.append("a trigger with two tokens") }
        var variables: [String: String] = [:]
        for (name, value) in fields where name != "ref" && name != "token" {
            guard name.hasPrefix("variables["), name.hasSuffix("]") else {
                state.complaints.append("unknown field \(name)")
                continue
            }
            variables[String(name.dropFirst("variables[".count).dropLast())] = value
        }
        return start(ref, variables, by: "trigger", &state)
    }

    private func start(
        _ ref: String, _ variables: [String: String], by source: String, _ state: inout GitLabPlayer.State
    ) -> Answer {
        guard ["main", "v1/a"].contains(ref) else { return Self.base("Reference not found") }
        guard state.minimumRole != "no_one_allowed" else {
            return Self.base("Insufficient permissions to set pipeline variables")
        }
        guard variables.keys.allSatisfy({ $0.wholeMatch(of: /[A-Za-z0-9_]{1,255}/) != nil }) else {
            return Self.base("Variables key can contain only letters, digits and '_'.")
        }
        let id = state.nextID
        state.nextID += 3
        let pipeline = GitLabPlayer.Pipeline(
            id: id, source: source, variables: variables, createdAt: clock.now(),
            jobs: [
                GitLabPlayer.Job(id: id + 1, stage: "build", name: "make", status: "pending"),
                GitLabPlayer.Job(id: id + 2, stage: "publish", name: "upload", status: "created"),
            ])
        state.pipelines.append(pipeline)
        return json(shown(pipeline, &state), status: 201)
    }

    // MARK: - Looking

    private func list(_ request: Request, _ state: GitLabPlayer.State) -> Answer {
        var state = state
        let page = Int(request.query["page"] ?? "1") ?? 1
        let size = Int(request.query["per_page"] ?? "20") ?? 20
        let newest = state.pipelines.sorted { $0.id > $1.id }
        let shown = newest.dropFirst((page - 1) * size).prefix(size).map { self.shown($0, &state) }
        return json(.list(Array(shown)))
    }

    private func pipeline(_ request: Request, _ parts: [String], _ state: inout GitLabPlayer.State) -> Answer {
        guard let id = Int64(parts[1]) else { return Self.fault("pipeline_id is invalid") }
        guard let place = state.pipelines.firstIndex(where: { $0.id == id }) else {
            return Self.refusal(404, "404 Not found")
        }
        let pipeline = state.pipelines[place]
        switch (request.method, parts.count > 2 ? parts[2] : "") {
        case ("GET", ""): return json(shown(pipeline, &state))
        case ("GET", "variables"):
            return json(
                .list(
                    pipeline.variables.sorted { $0.key < $1.key }.map {
                        ["key": .text($0.key), "variable_type": "env_var", "value": .text($0.value)]
                    }))
        case ("GET", "jobs"):
            var jobs = pipeline.jobs.sorted { $0.id > $1.id }
            if request.query["include_retried"] != "true" {
                jobs = jobs.filter { job in !jobs.contains { $0.name == job.name && $0.id > job.id } }
            }
            let page = Int(request.query["page"] ?? "1") ?? 1
            let size = Int(request.query["per_page"] ?? "20") ?? 20
            return json(.list(jobs.dropFirst((page - 1) * size).prefix(size).map { shown($0, pipeline, &state) }))
        case ("POST", "cancel"):
            GitLabPlayer.cancel(&state.pipelines[place])
            return json(shown(state.pipelines[place], &state), status: 201)
        default: return Self.refusal(404, "404 Not Found")
        }
    }

    private func job(_ request: Request, _ parts: [String], _ state: GitLabPlayer.State) -> Answer {
        guard let job = state.pipelines.flatMap(\.jobs).first(where: { String($0.id) == parts[1] }) else {
            return Self.refusal(404, "404 Not Found")
        }
        if parts[2] == "artifacts" {
            if job.files.isEmpty { return Self.refusal(404, "404 Not Found") }
            if let storage = state.storage {
                return Answer(302, headers: ["Location": "\(storage)/archive-of-\(job.id)"])
            }
            return Answer(200, headers: ["Content-Type": "application/zip"], body: StoredZip.bytes(job.files))
        }
        guard parts[2] == "trace" else { return Self.refusal(404, "404 Not Found") }
        return PlayedRange.answer(job.trace, to: hasRanges ? request.headers["range"] : nil)
    }

    // MARK: - Shown

    private func shown(_ pipeline: GitLabPlayer.Pipeline, _ state: inout GitLabPlayer.State) -> JSONValue {
        let value: JSONValue = [
            "id": .integer(pipeline.id), "iid": 1, "project_id": 42, "status": .text(pipeline.status),
            "source": .text(pipeline.source), "ref": "main", "sha": "a91957a858320c0e17f3a0eca7cfacbff50ea29a",
            "web_url": .text("https://gitlab.example.org/group/sub/image/-/pipelines/\(pipeline.id)"),
            "created_at": .text(pipeline.createdAt.description), "updated_at": .text(clock.now().description),
            "yaml_errors": pipeline.yamlErrors.map { .text($0) } ?? .null,
        ]
        // The description is older than some members of today's answer.
        state.complaints += (pipelines?.problems(of: value) ?? []).filter { !$0.hasSuffix("is not described") }
        return value
    }

    private func shown(
        _ job: GitLabPlayer.Job, _ pipeline: GitLabPlayer.Pipeline, _ state: inout GitLabPlayer.State
    ) -> JSONValue {
        let archive: JSONValue = [
            "file_type": "archive", "size": .integer(Int64(StoredZip.bytes(job.files).count)),
            "filename": "artifacts.zip", "file_format": "zip",
        ]
        let log: JSONValue = ["file_type": "trace", "size": 1, "filename": "job.log", "file_format": "raw"]
        var members: [String: JSONValue] = [
            "id": .integer(job.id), "status": .text(job.status), "stage": .text(job.stage), "name": .text(job.name),
            "ref": "main", "tag": false, "coverage": nil, "allow_failure": false,
            "created_at": .text(pipeline.createdAt.description),
            "started_at": job.startedAt.map { .text($0.description) } ?? .null, "finished_at": nil, "erased_at": nil,
            "duration": nil, "queued_duration": nil, "user": ["id": 1], "commit": nil,
            "pipeline": [
                "id": .integer(pipeline.id), "sha": "a91957a8", "ref": "main", "status": .text(pipeline.status),
            ],
            "web_url": .text("https://gitlab.example.org/group/sub/image/-/jobs/\(job.id)"),
            "artifacts": .list(job.files.isEmpty ? [log] : [log, archive]), "artifacts_expire_at": nil,
            "tag_list": .list([]), "runner": nil, "project": ["ci_job_token_scope_enabled": false], "archived": false,
        ]
        // The described job is older than its failure's reason.
        state.complaints += jobs?.problems(of: .object(members)) ?? []
        if let reason = job.failureReason { members["failure_reason"] = .text(reason) }
        return .object(members)
    }

    private func json(_ value: JSONValue, status: Int = 200) -> Answer {
        .json(String(decoding: value.bytes, as: UTF8.self), status: status)
    }

    private static func refusal(_ status: Int, _ message: String) -> Answer {
        .json(#"{"message":"\#(message)"}"#, status: status)
    }

    private static func fault(_ words: String) -> Answer { .json(#"{"error":"\#(words)"}"#, status: 400) }

    private static func base(_ words: String) -> Answer {
        .json(#"{"message":{"base":["\#(words)"]}}"#, status: 400)
    }

    private static func decoded(_ text: Substring) -> String {
        text.replacing("+", with: " ").removingPercentEncoding ?? ""
    }
}

/// Answers as servers with ranges do (RFC 9110, 14), and whole without one.
enum PlayedRange {
    static func answer(_ bytes: [UInt8], to range: String?) -> PlayerServer.Answer {
        let type = ["Content-Type": "text/plain"]
        guard let range, range.hasPrefix("bytes=") else { return PlayerServer.Answer(200, headers: type, body: bytes) }
        let ends = range.dropFirst("bytes=".count).split(separator: "-").compactMap { Int($0) }
        guard let from = ends.first, from < bytes.count else {
            return PlayerServer.Answer(416, headers: ["Content-Range": "bytes */\(bytes.count)"])
        }
        let to = min(ends.count > 1 ? ends[1] : bytes.count - 1, bytes.count - 1)
        return PlayerServer.Answer(
            206, headers: type.merging(["Content-Range": "bytes \(from)-\(to)/\(bytes.count)"]) { $1 },
            body: Array(bytes[from...to]))
    }
}

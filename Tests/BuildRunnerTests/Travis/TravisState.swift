import Foundation

/// What a played Travis knows of one repository.
struct TravisState: Sendable {
    struct Job: Sendable {
        var id: Int64
        var state = "created"
        var log: [UInt8]?
    }

    struct Request: Sendable {
        var id: Int64
        var message: String
        var branch: String
        /// As they came.
        var environment: [String]
        /// Travis' own workers have looked at it.
        var isRead: Bool
        var rejection: String?
        var build: Int64?
    }

    struct Build: Sendable {
        var id: Int64
        var request: Int64
        var message: String
        var state = "created"
        var jobs: [Job]
    }

    var requests: [Request] = []
    var builds: [Build] = []
    var jobCount = 1
    /// Whether requests are read as soon as they come.
    var readsAtOnce = true
    var isActive = true
    var mayStart = true
    var branches = ["main"]
    /// Requests that may still come within the hour.
    var requestsLeft = 10
    /// Of every request from now on.
    var createdAt = "2026-11-18T00:00:00Z"
    private var lastID: Int64 = 700

    private mutating func nextID() -> Int64 {
        lastID += 1
        return lastID
    }

    mutating func take(message: String, branch: String, environment: [String]) -> Int64 {
        let id = nextID()
        requests.append(
            Request(id: id, message: message, branch: branch, environment: environment, isRead: readsAtOnce))
        return id
    }

    /// Travis makes a build of the attempt's request.
    mutating func makeBuild(_ key: String) {
        guard let place = requests.lastIndex(where: { $0.message.hasSuffix(key) }), requests[place].build == nil else {
            return
        }
        let build = Build(
            id: nextID(), request: requests[place].id, message: requests[place].message,
            jobs: (0..<jobCount).map { _ in Job(id: nextID()) })
        requests[place].isRead = true
        requests[place].build = build.id
        builds.append(build)
    }

    mutating func change(_ key: String, _ body: (inout Build) -> Void) {
        guard let place = builds.lastIndex(where: { $0.message.hasSuffix(key) }) else { return }
        body(&builds[place])
    }

    mutating func set(_ key: String, _ state: String) {
        makeBuild(key)
        change(key) { build in
            build.state = state
            for place in build.jobs.indices {
                build.jobs[place].state = state
                if state == "started" { build.jobs[place].log = build.jobs[place].log ?? [] }
            }
        }
    }

    // MARK: - As JSON

    private static var repository: [String: Any] {
        [
            "@type": "repository", "@href": "/repo/1", "@representation": "minimal", "id": 1, "name": "meilix",
            "slug": "fossasia/meilix",
        ]
    }

    private func commit(_ message: String) -> [String: Any] {
        [
            "@type": "commit", "@representation": "minimal", "id": 5, "sha": "add057e66c3e1d59ef1f",
            "ref": "refs/heads/main", "message": message, "compare_url": NSNull(),
            "committed_at": "2026-11-01T12:55:00Z",
        ]
    }

    func json(_ request: Request) -> [String: Any] {
        [
            "@type": "request", "@href": "/repo/1/request/\(request.id)", "@representation": "standard",
            "id": request.id, "state": request.isRead ? "finished" : "pending",
            "result": request.isRead ? (request.rejection == nil ? "approved" : "rejected") : NSNull(),
            "message": request.rejection ?? NSNull(), "repository": Self.repository, "branch_name": request.branch,
            "commit": request.isRead ? commit(request.message) : NSNull(),
            "builds": request.build.map { [["@type": "build", "@representation": "minimal", "id": $0]] } ?? [],
            "created_at": createdAt, "event_type": "api", "base_commit": NSNull(), "head_commit": NSNull(),
        ]
    }

    func json(_ build: Build, withJobs: Bool) -> [String: Any] {
        [
            "@type": "build", "@href": "/build/\(build.id)", "@representation": "standard",
            "@permissions": ["read": true, "cancel": true, "restart": true], "id": build.id, "number": "3",
            "state": build.state, "duration": NSNull(), "event_type": "api", "previous_state": "passed",
            "started_at": NSNull(), "finished_at": NSNull(), "updated_at": "2026-11-01T12:55:00.000Z",
            "jobs": build.jobs.map { json($0, isWhole: withJobs) }, "stages": [Any](),
            "repository": Self.repository, "commit": commit(build.message), "tag": NSNull(),
            "branch": ["@type": "branch", "@representation": "minimal", "name": "main"],
        ]
    }

    private func json(_ job: Job, isWhole: Bool) -> [String: Any] {
        guard isWhole else {
            return ["@type": "job", "@href": "/job/\(job.id)", "@representation": "minimal", "id": job.id]
        }
        return [
            "@type": "job", "@href": "/job/\(job.id)", "@representation": "standard", "id": job.id,
            "allow_failure": false, "number": "3.1", "state": job.state, "stage": NSNull(),
        ]
    }

    var repository: [String: Any] {
        Self.repository.merging([
            "@representation": "standard", "active": isActive,
            "@permissions": ["read": true, "create_request": mayStart],
        ]) { $1 }
    }
}

import Domain
import GRDB

/// Conditions that the partial indexes of the schema know word for word.
enum Condition {
    /// In the queue; followers and builds that nobody has confirmed are not.
    static let waiting = "state = 'queued' AND follows IS NULL AND confirm_by IS NULL"
    /// Waits for its address' owner.
    static let unconfirmed = "state = 'queued' AND confirm_by IS NOT NULL"
    static let following = "follows IS NOT NULL"
    static let underWay = "state IN ('triggering', 'running', 'collecting', 'verifying')"
    /// Under way in a place of its provider; what is gathered for has none yet.
    static let placed = "\(underWay) AND to_gather = 0"
    static let gathering = "state = 'triggering' AND to_gather = 1"
    /// Nobody holds the row; binds the present moment.
    static let unleased = "(lease_expires_at IS NULL OR lease_expires_at <= ?)"
}

extension Database {
    private static let columns = """
        id, recipe, recipe_digest, provider, inputs, address, priority, retention_ms, \
        state, attempts_used, attempt_number, attempt_key, run_provider, run_id, run_url, phase_label, phase_percent, \
        failure_kind, failure_message, failure_line, failure_context, created_at, queued_at, started_at, finished_at, expires_at, \
        files_removed_at, next_action_at, lease_token, lease_expires_at, nudged_at, sequence, \
        lead, target, follows, reused_from, language, confirm_by, number, to_gather
        """
    private static let selectOne = "SELECT \(columns) FROM builds WHERE id = ?"
    private static let selectPage = "SELECT \(columns) FROM builds WHERE id < ? ORDER BY id DESC LIMIT ?"
    private static let selectExpired = """
        SELECT \(columns) FROM builds
        WHERE expires_at IS NOT NULL AND files_removed_at IS NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?
        """

    private static let selectDue = """
        SELECT \(columns) FROM builds
        WHERE \(Condition.underWay) AND next_action_at <= ? AND \(Condition.unleased)
        ORDER BY next_action_at LIMIT ?
        """
    private static let selectGroup = "SELECT \(columns) FROM builds WHERE lead = ? ORDER BY place"
    private static let selectSome = "SELECT \(columns) FROM builds WHERE id IN (SELECT value FROM json_each(?))"

    func storedBuild(_ id: BuildID) throws -> StoredBuild? {
        try completed(rows(Self.selectOne, [id.text]) { try $0.storedBuild() }).first
    }

    /// In no order.
    func storedBuilds(_ ids: [BuildID]) throws -> [StoredBuild] {
        try completed(rows(Self.selectSome, [ids.json]) { try $0.storedBuild() })
    }

    /// Newest first.
    func storedBuilds(before: BuildID?, limit: Int) throws -> [StoredBuild] {
        // Every id sorts before this one: "~" is above the alphabet of ids.
        try completed(rows(Self.selectPage, [before?.text ?? "~", limit]) { try $0.storedBuild() })
    }

    func storedBuilds(expiredAt now: Timestamp, limit: Int) throws -> [StoredBuild] {
        try completed(rows(Self.selectExpired, [now.milliseconds, limit]) { try $0.storedBuild() })
    }

    /// Under way, due and held by nobody; longest due first.
    func storedBuilds(dueAt now: Timestamp, limit: Int) throws -> [StoredBuild] {
        try completed(rows(Self.selectDue, [now.milliseconds, now.milliseconds, limit]) { try $0.storedBuild() })
    }

    /// Lead first; none if it leads no group.
    func storedBuilds(ledBy lead: BuildID) throws -> [StoredBuild] {
        try completed(rows(Self.selectGroup, [lead.text]) { try $0.storedBuild() })
    }

    /// Adds what other tables hold: a statement for each table, however many builds there are.
    private func completed(_ stored: [StoredBuild]) throws -> [StoredBuild] {
        let ids = stored.map(\.build).filter { $0.startedAt != nil || $0.reusedFrom != nil }.map(\.id)
        guard !ids.isEmpty else { return stored }
        let runs = try runs(of: ids)
        let artifacts = try artifacts(of: ids)
        return stored.map { stored in
            var stored = stored
            stored.build.runs = runs[stored.build.id] ?? []
            stored.build.artifacts = artifacts[stored.build.id] ?? []
            return stored
        }
    }

    private func runs(of ids: [BuildID]) throws -> [BuildID: [Run]] {
        var runs: [BuildID: [Run]] = [:]
        let found = try rows(
            """
            SELECT build, attempt_number, attempt_key, provider, run_id, run_url FROM runs
            WHERE build IN (SELECT value FROM json_each(?)) ORDER BY build, attempt_number
            """,
            [ids.json]
        ) { row in
            let build = BuildID(unchecked: try row.text())
            let attempt = Attempt(number: Int(try row.integer()), key: try row.text())
            return (
                build,
                Run(attempt: attempt, provider: try row.text(), id: try row.text(), url: try row.textOrNil())
            )
        }
        for (build, run) in found { runs[build, default: []].append(run) }
        return runs
    }

    private func artifacts(of ids: [BuildID]) throws -> [BuildID: [Artifact]] {
        var artifacts: [BuildID: [Artifact]] = [:]
        let found = try rows(
            """
            SELECT build, name, role, content_type, bytes, sha256 FROM artifacts
            WHERE build IN (SELECT value FROM json_each(?)) ORDER BY build, place
            """,
            [ids.json]
        ) { row in
            let build = BuildID(unchecked: try row.text())
            return (
                build,
                Artifact(
                    name: try row.text(), role: try row.name(Artifact.Role.self), contentType: try row.text(),
                    bytes: try row.integer(), sha256: try row.text())
            )
        }
        for (build, artifact) in found { artifacts[build, default: []].append(artifact) }
        return artifacts
    }
}

extension [BuildID] {
    /// For `json_each`; ids are letters and digits.
    var json: String { "[" + map { "\"\($0.text)\"" }.joined(separator: ",") + "]" }
}

extension RowReader {
    /// In the order of `Database.columns`.
    fileprivate mutating func storedBuild() throws(StorageError) -> StoredBuild {
        let id = BuildID(unchecked: try text())
        let recipe = RecipeID(unchecked: try text())
        let digest = try text()
        let provider = try text()
        let inputs = try InputsCodec.decode(try text())
        let address = try textOrNil()
        let priority = Int(try integer())
        let retention = Duration.milliseconds(try integer())
        let state = try stateColumns().buildState()
        let createdAt = try moment()
        let queuedAt = try moment()
        var build = Build(
            id: id, recipe: recipe, recipeDigest: digest, provider: provider, state: state, inputs: inputs,
            address: address, priority: priority, createdAt: createdAt)
        build.startedAt = try momentOrNil()
        build.finishedAt = try momentOrNil()
        build.expiresAt = try momentOrNil()
        build.filesRemovedAt = try momentOrNil()
        let nextActionAt = try momentOrNil()
        let token = try textOrNil().map(LeaseToken.init(unchecked:))
        let leaseExpiresAt = try momentOrNil()
        let nudgedAt = try momentOrNil()
        build.sequence = try integer()
        build.group = try textOrNil().map(BuildID.init(unchecked:))
        build.target = try textOrNil()
        build.follows = try textOrNil().map(BuildID.init(unchecked:))
        build.reusedFrom = try textOrNil().map(BuildID.init(unchecked:))
        build.language = try language()
        build.confirmBy = try momentOrNil()
        build.number = try integer()
        build.isToGather = try integer() == 1
        var stored = StoredBuild(build: build, retention: retention, queuedAt: queuedAt, nextActionAt: nextActionAt)
        if let token, let leaseExpiresAt {
            stored.lease = StoredBuild.Lease(token: token, expiresAt: leaseExpiresAt)
            stored.nudgedAt = nudgedAt
        }
        return stored
    }

    private mutating func stateColumns() throws(StorageError) -> StateColumns {
        let state = try name(BuildState.Name.self)
        let used = Int(try integer())
        let number = try integerOrNil()
        let key = try textOrNil()
        let runProvider = try textOrNil()
        let runID = try textOrNil()
        let runURL = try textOrNil()
        let label = try textOrNil()
        let percent = try integerOrNil()
        let kind = try nameOrNil(Failure.Kind.self)
        let message = try textOrNil()
        let line = try textOrNil()
        let context = try textOrNil()
        var columns = StateColumns(
            state: state, attemptsUsed: used, attempt: nil, run: nil, phase: nil, failure: nil)
        if let number, let key { columns.attempt = Attempt(number: Int(number), key: key) }
        if let runProvider, let runID {
            columns.run = StateColumns.RunColumns(provider: runProvider, id: runID, url: runURL)
        }
        columns.phase = label.map { Phase(label: $0, percent: percent.map(Int.init)) }
        if let kind, let message {
            columns.failure = Failure(kind: kind, message: message, errorLine: line, context: context)
        }
        return columns
    }
}

import Domain
import GRDB

/// Conditions that the partial indexes of the schema know word for word.
enum Condition {
    static let queued = "state = 'queued'"
    static let underWay = "state IN ('triggering', 'running', 'collecting', 'verifying')"
    /// Nobody holds the row; binds the present moment.
    static let unleased = "(lease_expires_at IS NULL OR lease_expires_at <= ?)"
}

extension Database {
    private static let columns = """
        id, recipe, recipe_digest, provider, inputs, address, priority, retention_ms, \
        state, attempts_used, attempt_number, attempt_key, run_provider, run_id, run_url, phase_label, phase_percent, \
        failure_kind, failure_message, failure_line, created_at, queued_at, started_at, finished_at, expires_at, \
        files_removed_at, next_action_at, lease_token, lease_expires_at, sequence
        """
    private static let selectOne = "SELECT \(columns) FROM builds WHERE id = ?"
    private static let selectPage = "SELECT \(columns) FROM builds WHERE id < ? ORDER BY id DESC LIMIT ?"
    private static let selectExpired = """
        SELECT \(columns) FROM builds
        WHERE expires_at IS NOT NULL AND files_removed_at IS NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?
        """

    func storedBuild(_ id: BuildID) throws -> StoredBuild? {
        try firstRow(Self.selectOne, [id.text]) { try $0.storedBuild() }.map(completed)
    }

    /// Newest first.
    func storedBuilds(before: BuildID?, limit: Int) throws -> [StoredBuild] {
        // Every id sorts before this one: "~" is above the alphabet of ids.
        try rows(Self.selectPage, [before?.text ?? "~", limit]) { try $0.storedBuild() }.map(completed)
    }

    func storedBuilds(expiredAt now: Timestamp, limit: Int) throws -> [StoredBuild] {
        try rows(Self.selectExpired, [now.milliseconds, limit]) { try $0.storedBuild() }.map(completed)
    }

    /// Adds what other tables hold.
    private func completed(_ stored: StoredBuild) throws -> StoredBuild {
        guard stored.build.startedAt != nil else { return stored }
        let id = stored.build.id.text
        var stored = stored
        stored.build.runs = try rows(
            "SELECT attempt_number, attempt_key, provider, run_id, run_url FROM runs WHERE build = ? ORDER BY attempt_number",
            [id]
        ) { row in
            let attempt = Attempt(number: Int(try row.integer()), key: try row.text())
            return Run(attempt: attempt, provider: try row.text(), id: try row.text(), url: try row.textOrNil())
        }
        stored.build.artifacts = try rows(
            "SELECT name, role, content_type, bytes, sha256 FROM artifacts WHERE build = ? ORDER BY place", [id]
        ) { row in
            Artifact(
                name: try row.text(), role: try row.name(Artifact.Role.self), contentType: try row.text(),
                bytes: try row.integer(), sha256: try row.text())
        }
        return stored
    }
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
        build.sequence = try integer()
        var stored = StoredBuild(build: build, retention: retention, queuedAt: queuedAt, nextActionAt: nextActionAt)
        if let token, let leaseExpiresAt {
            stored.lease = StoredBuild.Lease(token: token, expiresAt: leaseExpiresAt)
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
        var columns = StateColumns(
            state: state, attemptsUsed: used, attempt: nil, run: nil, phase: nil, failure: nil)
        if let number, let key { columns.attempt = Attempt(number: Int(number), key: key) }
        if let runProvider, let runID {
            columns.run = StateColumns.RunColumns(provider: runProvider, id: runID, url: runURL)
        }
        columns.phase = label.map { Phase(label: $0, percent: percent.map(Int.init)) }
        if let kind, let message { columns.failure = Failure(kind: kind, message: message, errorLine: line) }
        return columns
    }
}

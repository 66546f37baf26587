package import Domain
import GRDB

extension SQLiteStore: ReportStore {
    package func record(
        _ report: RunReport, of attempt: Attempt, build: BuildID, at now: Timestamp
    ) async throws(StorageError) -> RunReport {
        try await writer.write { db, hints in
            try db.proveCurrent(attempt, of: build)
            var report = report
            // Whatever a run's clock or sums say.
            report.reportedAt = min(report.reportedAt, now)
            report.phase = report.phase.map { phase in
                Phase(label: phase.label, percent: phase.percent.map { min(max($0, 0), 100) })
            }
            let known = try db.report(of: attempt)
            let merged = known?.merged(with: report) ?? report
            if merged != known {
                try db.write(merged, of: attempt, build: build)
                hints.insert(.build(build))
            }
            return merged
        }
    }

    package func report(of attempt: Attempt) async throws(StorageError) -> RunReport? {
        try await read { db in try db.report(of: attempt) }
    }
}

extension Database {
    func forgetReport(of attempt: Attempt) throws {
        try run("DELETE FROM reports WHERE attempt_key = ?", [attempt.key])
    }

    func forgetReports(of build: BuildID) throws {
        try run("DELETE FROM reports WHERE build = ?", [build.text])
    }

    fileprivate func proveCurrent(_ attempt: Attempt, of build: BuildID) throws {
        let row = try firstRow("SELECT state, attempt_number, attempt_key FROM builds WHERE id = ?", [build.text]) {
            (
                state: try $0.name(BuildState.Name.self), number: try $0.integerOrNil(), key: try $0.textOrNil()
            )
        }
        guard let row else { throw StorageError.unknownBuild(build) }
        switch row.state {
        case .triggering, .running, .collecting: break
        case .queued, .verifying, .succeeded, .failed, .cancelled, .expired: throw StorageError.notCurrent
        }
        guard row.number == Int64(attempt.number), row.key == attempt.key else { throw StorageError.notCurrent }
    }

    fileprivate func report(of attempt: Attempt) throws -> RunReport? {
        try firstRow(
            """
            SELECT phase_label, phase_percent, result, failure_kind, failure_message, run_id, run_url, reported_at
            FROM reports WHERE attempt_key = ?
            """,
            [attempt.key]
        ) { try $0.report() }
    }

    fileprivate func write(_ report: RunReport, of attempt: Attempt, build: BuildID) throws {
        let columns = ResultColumns(report.result)
        try run(
            """
            INSERT INTO reports (attempt_key, build, phase_label, phase_percent, result, failure_kind, failure_message,
                run_id, run_url, reported_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (attempt_key) DO UPDATE SET phase_label = excluded.phase_label,
                phase_percent = excluded.phase_percent, result = excluded.result, failure_kind = excluded.failure_kind,
                failure_message = excluded.failure_message, run_id = excluded.run_id, run_url = excluded.run_url,
                reported_at = excluded.reported_at
            """,
            [
                attempt.key, build.text, report.phase?.label, report.phase?.percent, columns.name, columns.kind,
                columns.message, report.runID, report.runURL, report.reportedAt.milliseconds,
            ])
    }
}

/// A result as a row keeps it.
private struct ResultColumns {
    var name: String?
    var kind: String?
    var message: String?

    init(_ result: RunReport.Result?) {
        switch result {
        case nil: break
        case .succeeded: name = "succeeded"
        case .failed(let message, let kind):
            name = "failed"
            self.kind = kind.rawValue
            self.message = message
        }
    }
}

extension RowReader {
    fileprivate mutating func report() throws(StorageError) -> RunReport {
        let label = try textOrNil()
        let percent = try integerOrNil().map(Int.init)
        let result = try textOrNil()
        let kind = try nameOrNil(Failure.Kind.self)
        let message = try textOrNil()
        var report = RunReport(
            phase: label.map { Phase(label: $0, percent: percent) }, runID: try textOrNil(), runURL: try textOrNil(),
            reportedAt: try moment())
        if let kind, let message {
            report.result = .failed(message: message, kind: kind)
        } else if result != nil {
            report.result = .succeeded
        }
        return report
    }
}

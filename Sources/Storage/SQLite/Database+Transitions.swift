import Domain
import GRDB

extension Database {
    /// Writes a transition where the row is still as it was when the transition was worked out.
    /// - Throws: `.leaseLost` where it is not.
    func write(_ writes: TransitionWrites, at now: Timestamp) throws {
        guard writes.writesRow else { return }
        let build = writes.after.build
        let columns = StateColumns(build.state)
        let changed = try run(
            """
            UPDATE builds SET state = ?, attempts_used = coalesce(?, attempts_used), attempt_number = ?,
                attempt_key = ?, run_provider = ?, run_id = ?, run_url = ?, phase_label = ?, phase_percent = ?,
                failure_kind = ?, failure_message = ?, failure_line = ?, failure_context = ?, queued_at = ?,
                started_at = ?, finished_at = ?, expires_at = ?, next_action_at = ?, lease_token = ?,
                lease_expires_at = ?, nudged_at = ?, sequence = ?, follows = ?, reused_from = ?, to_gather = ?
            WHERE id = ? AND state = ? AND lease_token IS ?
            """,
            [
                columns.state.rawValue, columns.attemptsUsed, columns.attempt?.number, columns.attempt?.key,
                columns.run?.provider, columns.run?.id, columns.run?.url, columns.phase?.label,
                columns.phase?.percent, columns.failure?.kind.rawValue, columns.failure?.message,
                columns.failure?.errorLine, columns.failure?.context, writes.after.queuedAt.milliseconds,
                build.startedAt?.milliseconds,
                build.finishedAt?.milliseconds, build.expiresAt?.milliseconds,
                writes.after.nextActionAt?.milliseconds, writes.after.lease?.token.text,
                writes.after.lease?.expiresAt.milliseconds, writes.after.nudgedAt?.milliseconds, build.sequence,
                build.follows?.text, build.reusedFrom?.text, build.isToGather ? 1 : 0, build.id.text,
                writes.stateBefore.rawValue, writes.leaseBefore?.text,
            ])
        guard changed == 1 else { throw StorageError.leaseLost }
        try writeFollowers(of: writes, at: now)
    }

    private func writeFollowers(of writes: TransitionWrites, at now: Timestamp) throws {
        let id = writes.after.build.id
        if let entry = writes.timelineEntry { try append(entry, to: id) }
        if let run = writes.newRun {
            try self.run(
                """
                INSERT INTO runs (build, attempt_number, attempt_key, provider, run_id, run_url, triggered_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [id.text, run.attempt.number, run.attempt.key, run.provider, run.id, run.url, now.milliseconds])
        }
        if let run = writes.relocatedRun {
            try self.run(
                "UPDATE runs SET provider = ?, run_id = ?, run_url = ? WHERE build = ? AND attempt_number = ?",
                [run.provider, run.id, run.url, id.text, run.attempt.number])
        }
        if let attempt = writes.startedAttempt { try count(attempt, of: writes.after.build, at: now) }
        if writes.dropsArtifacts { try run("DELETE FROM artifacts WHERE build = ?", [id.text]) }
        for artifact in writes.keptArtifacts { try keep(artifact, of: writes.after.build) }
        if writes.endsUnconfirmed {
            try cancelConfirmation(of: writes.endsInGroup ?? id, at: now)
        }
        if let mail = writes.mail { try owe(mail, for: id, at: now) }
        if let lead = writes.endsInGroup, let mail = try mail(ofGroup: lead) { try owe(mail, for: lead, at: now) }
        for cleanUp in writes.cleanUps { try owe(cleanUp, for: id, at: now) }
    }

    func append(_ entry: TimelineEntry, to id: BuildID) throws {
        try run(
            """
            INSERT INTO timeline (build, sequence, entered_at, state, event, note, percent)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                id.text, entry.sequence, entry.at.milliseconds, entry.state.rawValue, entry.event, entry.note,
                entry.percent,
            ])
    }

    private func keep(_ artifact: Artifact, of build: Build) throws {
        try run(
            """
            INSERT INTO artifacts (build, name, place, role, content_type, bytes, sha256) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (build, name) DO UPDATE SET role = excluded.role, content_type = excluded.content_type,
                bytes = excluded.bytes, sha256 = excluded.sha256
            """,
            [
                build.id.text, artifact.name, build.artifacts.firstIndex { $0.name == artifact.name } ?? 0,
                artifact.role.rawValue, artifact.contentType, artifact.bytes, artifact.sha256,
            ])
    }

    /// `nil` while a build of the group is open, without an address, or if nobody confirmed any of it.
    private func mail(ofGroup lead: BuildID) throws -> TransitionWrites.OwedMail? {
        let builds = try rows(
            "SELECT state, address, language, confirm_by FROM builds WHERE lead = ? ORDER BY place", [lead.text]
        ) {
            (
                state: try $0.name(BuildState.Name.self), address: try $0.textOrNil(), language: try $0.language(),
                confirmBy: try $0.momentOrNil()
            )
        }
        guard let kind = GroupEnd.kind(of: builds.map(\.state)), let first = builds.first,
            let address = first.address, builds.contains(where: { $0.confirmBy == nil })
        else { return nil }
        return TransitionWrites.OwedMail(kind: kind, to: address, language: first.language)
    }

    private func owe(_ cleanUp: TransitionWrites.OwedCleanUp, for id: BuildID, at now: Timestamp) throws {
        try run(
            """
            INSERT INTO clean_ups
                (attempt_key, attempt_number, build, provider, run_id, run_url, failures, next_action_at)
            VALUES (?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT (attempt_key) DO NOTHING
            """,
            [
                cleanUp.attempt.key, cleanUp.attempt.number, id.text, cleanUp.provider, cleanUp.run?.id,
                cleanUp.run?.url, now.milliseconds,
            ])
    }
}

import Crypto
package import Domain
import GRDB
import NIOConcurrencyHelpers

extension SQLiteStore {
    package func accept(
        _ new: NewBuild, limits: AcceptLimits, at now: Timestamp
    ) async throws(StorageError) -> Acceptance {
        let inputs = try InputsCodec.encode(new.inputs)
        let digest = new.idempotencyDigest
        return try await writer.write { [sourceMemory] db, hints in
            if sourceMemory.isDue(at: now) { try db.forgetSources(at: now) }
            if let digest, let known = try db.build(withIdempotencyDigest: digest) { return .existing(known) }
            if let refusal = try db.refusal(of: new, limits: limits, at: now) { return refusal }
            let build = try db.insert(new, inputs: inputs, idempotencyDigest: digest, at: now)
            hints.insert(.build(build.id))
            hints.insert(.work)
            return .accepted(build)
        }
    }
}

/// When sources were forgotten last: once a minute is enough.
final class SourceMemory: Sendable {
    private let lastTime = NIOLockedValueBox<Timestamp?>(nil)

    func isDue(at now: Timestamp) -> Bool {
        lastTime.withLockedValue { last in
            if let last, last <= now, now < last + .seconds(60) { return false }
            last = now
            return true
        }
    }
}

extension NewBuild {
    /// The submitter's key within its source. As a digest, because it is kept for longer than the source may be; without
    /// the key, which is not kept, the source cannot be found out by trying.
    fileprivate var idempotencyDigest: String? {
        idempotencyKey.map { key in
            var hash = SHA256()
            hash.update(data: Array("\(source.utf8.count):\(source):\(key)".utf8))
            return hash.finalize().hexText
        }
    }

    fileprivate var uploads: [UploadID] {
        inputs.values.compactMap { value in
            if case .upload(let upload) = value.content { upload.id } else { nil }
        }
    }
}

extension Database {
    private static let hour = Duration.seconds(3600)
    /// How far apart the places of one requester's waiting builds are: their second one goes before another's build only
    /// if that came an hour later. So nobody waits behind somebody's fifty, and nobody is passed for ever.
    private static let turnSpacing = Duration.seconds(3600)

    /// Source addresses go when the hour's limit does not need them any more; those of waiting builds still say whose
    /// turn it is.
    func forgetSources(at now: Timestamp) throws {
        try run(
            "UPDATE builds SET source = NULL WHERE source IS NOT NULL AND created_at <= ? AND state <> 'queued'",
            [(now - Self.hour).milliseconds])
    }

    fileprivate func build(withIdempotencyDigest digest: String) throws -> Build? {
        let id = try firstRow("SELECT id FROM builds WHERE idempotency_digest = ?", [digest]) { try $0.text() }
        return try id.flatMap { try storedBuild(BuildID(unchecked: $0))?.build }
    }

    fileprivate func refusal(of new: NewBuild, limits: AcceptLimits, at now: Timestamp) throws -> Acceptance? {
        if let limit = limits.waiting {
            let waiting = Int(try integer("SELECT count(*) FROM builds WHERE \(Condition.queued)"))
            if waiting >= limit { return .queueFull(waiting: waiting) }
        }
        if let limit = limits.perSourcePerHour,
            let pause = try pause(
                after: limit, at: now, to: new.source,
                """
                SELECT created_at FROM builds WHERE source = ? AND created_at > ?
                ORDER BY created_at DESC LIMIT 1 OFFSET ?
                """)
        {
            return .tooManyFromSource(retryAfter: pause)
        }
        if let limit = limits.perAddressPerHour, let address = new.address,
            let pause = try pause(
                after: limit, at: now, to: address,
                """
                SELECT created_at FROM builds WHERE address = ? AND created_at > ?
                ORDER BY created_at DESC LIMIT 1 OFFSET ?
                """)
        {
            return .tooManyForAddress(retryAfter: pause)
        }
        return nil
    }

    /// Finds the build that has to be an hour old before there is room under the limit; `nil`: there is room.
    private func pause(after limit: Int, at now: Timestamp, to who: String, _ sql: String) throws -> Duration? {
        guard limit > 0 else { return Self.hour }
        let since = (now - Self.hour).milliseconds
        return try firstRow(sql, [who, since, limit - 1]) { try $0.moment() }.map { $0 + Self.hour - now }
    }

    fileprivate func insert(
        _ new: NewBuild, inputs: String, idempotencyDigest: String?, at now: Timestamp
    ) throws -> Build {
        let turn = try turn(of: new, at: now)
        let build = Build(
            id: new.id, recipe: new.recipe, recipeDigest: new.recipeDigest, provider: new.provider,
            state: .queued(attemptsUsed: 0), inputs: new.inputs, address: new.address, priority: new.priority,
            createdAt: now, sequence: 1)
        try run(
            """
            INSERT INTO builds (id, recipe, recipe_digest, provider, inputs, address, priority, retention_ms, source,
                idempotency_digest, state, attempts_used, created_at, queued_at, turn_at, next_action_at, sequence)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', 0, ?, ?, ?, ?, 1)
            """,
            [
                new.id.text, new.recipe.text, new.recipeDigest, new.provider, inputs, new.address, new.priority,
                new.retention.wholeMilliseconds, new.source, idempotencyDigest, now.milliseconds, now.milliseconds,
                turn.milliseconds, now.milliseconds,
            ])
        for upload in new.uploads {
            try run("INSERT INTO uploads (id, build) VALUES (?, ?)", [upload.text, new.id.text])
        }
        try append(
            TimelineEntry(sequence: 1, at: now, state: .queued, event: "accepted", note: nil), to: new.id)
        return build
    }

    /// The requester is the address, or the source where the form asks for none.
    private func turn(of new: NewBuild, at now: Timestamp) throws -> Timestamp {
        let last: Timestamp?
        if let address = new.address {
            last =
                try firstRow(
                    "SELECT max(turn_at) FROM builds WHERE \(Condition.queued) AND address = ?", [address]
                ) { try $0.momentOrNil() } ?? nil
        } else {
            last =
                try firstRow(
                    "SELECT max(turn_at) FROM builds WHERE \(Condition.queued) AND source = ? AND address IS NULL",
                    [new.source]
                ) { try $0.momentOrNil() } ?? nil
        }
        return last.map { max(now, $0 + Self.turnSpacing) } ?? now
    }
}

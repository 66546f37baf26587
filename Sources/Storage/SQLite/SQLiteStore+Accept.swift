import Crypto
package import Domain
import GRDB
import NIOConcurrencyHelpers

extension SQLiteStore {
    package func accept(
        _ new: [NewBuild], limits: AcceptLimits, at now: Timestamp
    ) async throws(StorageError) -> Acceptance {
        guard let first = new.first else { throw .corrupt(detail: "a submission without builds") }
        var inputs: [String] = []
        for build in new { inputs.append(try InputsCodec.encode(build.inputs)) }
        let encoded = inputs
        let digest = first.idempotencyDigest
        return try await writer.write { [sourceMemory] db, hints in
            if sourceMemory.isDue(at: now) { try db.forgetSources(at: now) }
            if let digest, let known = try db.build(withIdempotencyDigest: digest) { return .existing(known) }
            let asks = try db.asksToConfirm(first, at: now)
            if let refusal = try db.refusal(of: new.count, like: first, asking: asks, limits: limits, at: now) {
                return refusal
            }
            var builds: [Build] = []
            for (place, build) in new.enumerated() {
                let row = NewRow(
                    new: build, inputs: encoded[place], idempotencyDigest: place == 0 ? digest : nil,
                    lead: new.count > 1 ? first.id : nil, place: place,
                    confirmBy: asks ? build.confirmWithin.map { now + $0 } : nil)
                builds.append(try db.insert(row, at: now))
            }
            for upload in Set(new.flatMap(\.uploads)) {
                try db.run("INSERT INTO uploads (id, build) VALUES (?, ?)", [upload.text, first.id.text])
            }
            hints.formUnion(builds.map { .build($0.id) })
            hints.insert(.work)
            if asks, let address = first.address {
                let mail = TransitionWrites.OwedMail(kind: .confirmation, to: address, language: first.language)
                try db.owe(mail, for: first.id, at: now)
                hints.insert(.mail)
            }
            return .accepted(builds[0])
        }
    }

    package func preview(
        _ new: [NewBuild], limits: AcceptLimits, at now: Timestamp
    ) async throws(StorageError) -> Acceptance? {
        guard let first = new.first else { throw .corrupt(detail: "a submission without builds") }
        let digest = first.idempotencyDigest
        return try await read { db in
            if let digest, let known = try db.build(withIdempotencyDigest: digest) { return .existing(known) }
            let asks = try db.asksToConfirm(first, at: now)
            return try db.refusal(of: new.count, like: first, asking: asks, limits: limits, at: now)
        }
    }
}

/// A build of a submission, with its part in it.
private struct NewRow {
    var new: NewBuild
    var inputs: String
    var idempotencyDigest: String?
    var lead: BuildID?
    var place: Int
    var confirmBy: Timestamp?
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
    /// A result whose files go sooner is not handed on: they have to be copied before.
    private static let leastLife = Duration.seconds(600)

    /// Source addresses go when neither the hour's limit needs them any more nor an address' owner who may say that
    /// nothing was asked for; those of waiting builds still say whose turn it is. What was remembered of addresses until
    /// a time goes too.
    func forgetSources(at now: Timestamp) throws {
        // As long as it stands in the queue or is gathered for, its source's share of the places depends on it.
        try run(
            """
            UPDATE builds SET source = NULL
            WHERE source IS NOT NULL AND source_until <= ? AND state <> 'queued' AND NOT (\(Condition.gathering))
            """,
            [now.milliseconds])
        try forgetAddresses(at: now)
    }

    fileprivate func build(withIdempotencyDigest digest: String) throws -> Build? {
        let id = try firstRow("SELECT id FROM builds WHERE idempotency_digest = ?", [digest]) { try $0.text() }
        return try id.flatMap { try storedBuild(BuildID(unchecked: $0))?.build }
    }

    fileprivate func asksToConfirm(_ new: NewBuild, at now: Timestamp) throws -> Bool {
        guard new.confirmWithin != nil, let address = new.address else { return false }
        return try !isConfirmed(address, at: now)
    }

    fileprivate func insert(_ row: NewRow, at now: Timestamp) throws -> Build {
        let new = row.new
        let leader = row.confirmBy == nil ? try leader(for: new, at: now) : nil
        let turn = leader == nil ? try turn(of: new.address, or: new.source, at: now) : now
        let build = Build(
            id: new.id, recipe: new.recipe, recipeDigest: new.recipeDigest, provider: new.provider,
            state: .queued(attemptsUsed: 0), inputs: new.inputs, address: new.address, priority: new.priority,
            createdAt: now, sequence: 1, group: row.lead, target: new.target, follows: leader,
            language: new.language, confirmBy: row.confirmBy, number: try nextNumber(), isToGather: new.isToGather)
        let sourceUntil = max(now + Self.hour, row.confirmBy ?? now)
        try run(
            """
            INSERT INTO builds (id, recipe, recipe_digest, provider, inputs, address, priority, retention_ms, source,
                idempotency_digest, state, attempts_used, created_at, queued_at, turn_at, next_action_at, sequence,
                lead, place, target, follows, reuse_key, address_key, language, source_until, confirm_by,
                number, to_gather)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', 0, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                new.id.text, new.recipe.text, new.recipeDigest, new.provider, row.inputs, new.address, new.priority,
                new.retention.wholeMilliseconds, new.source, row.idempotencyDigest, now.milliseconds,
                now.milliseconds, turn.milliseconds, now.milliseconds, row.lead?.text,
                row.lead.map { _ in row.place }, new.target, leader?.text, new.reuseKey,
                new.address?.addressKey, new.language.text, sourceUntil.milliseconds, row.confirmBy?.milliseconds,
                build.number, new.isToGather ? 1 : 0,
            ])
        try append(
            TimelineEntry(
                sequence: 1, at: now, state: .queued, event: TimelineEntry.Fact.accepted.rawValue, note: nil),
            to: new.id)
        return build
    }

    /// Counted apart from the rows: a number is given out once, whatever becomes of its build.
    private func nextNumber() throws -> Int64 {
        try integer("UPDATE counters SET value = value + 1 WHERE name = 'builds' RETURNING value")
    }

    /// Whose result it may have. A result that is itself reused is none: its age is not its run's.
    private func leader(for new: NewBuild, at now: Timestamp) throws -> BuildID? {
        guard let key = new.reuseKey else { return nil }
        let oldest = new.reuseWithin.map { now - $0 } ?? now
        return try firstRow(
            """
            SELECT id FROM builds
            WHERE reuse_key = ? AND follows IS NULL AND reused_from IS NULL AND confirm_by IS NULL
                AND (finished_at IS NULL
                    OR (state = 'succeeded' AND finished_at > ? AND files_removed_at IS NULL AND expires_at > ?))
            ORDER BY created_at DESC, id DESC LIMIT 1
            """,
            [key, oldest.milliseconds, (now + Self.leastLife).milliseconds]
        ) { BuildID(unchecked: try $0.text()) }
    }

    /// When it is a follower's turn if it goes into the queue now; `nil` if it is none.
    func turn(ofFollower id: BuildID, at now: Timestamp) throws -> Timestamp? {
        let who = try firstRow("SELECT address, source FROM builds WHERE id = ? AND \(Condition.following)", [id.text])
        {
            (address: try $0.textOrNil(), source: try $0.textOrNil())
        }
        return try who.map { try turn(of: $0.address, or: $0.source, at: now) }
    }

    /// The requester is the address, or the source where the form asks for none.
    func turn(of address: String?, or source: String?, at now: Timestamp) throws -> Timestamp {
        let last: Timestamp?
        if let address {
            last =
                try firstRow(
                    "SELECT max(turn_at) FROM builds WHERE \(Condition.waiting) AND address_key = ?",
                    [address.addressKey]
                ) { try $0.momentOrNil() } ?? nil
        } else {
            last =
                try firstRow(
                    "SELECT max(turn_at) FROM builds WHERE \(Condition.waiting) AND source = ? AND address IS NULL",
                    [source]
                ) { try $0.momentOrNil() } ?? nil
        }
        return last.map { max(now, $0 + Self.turnSpacing) } ?? now
    }
}

package import Domain

/// The builds: the only way to them, for all rooms above. Every call is one transaction; what it returns is durable
/// (P1: with SQLite, `synchronous=FULL`). Safe to call from any task; calls made at the same time share a commit.
package protocol BuildStore: Sendable {
    /// Writes an accepted submission: its builds, its uploads, each build's first timeline entry. Several builds are a
    /// group: the first is its lead, to whom the uploads and the idempotency key belong (the others' keys do not
    /// count). The limits are checked in the same transaction, so that no race passes them; every build counts.
    ///
    /// A build with a `reuseKey` becomes a follower of the newest build with that key that has not ended and follows
    /// nobody itself, or that has succeeded within `reuseWithin` with a run of its own, whose files are there for at
    /// least ten more minutes. A follower is `queued`, starts never, stands before nobody, and does not expire.
    ///
    /// Builds with `confirmWithin` whose address is not confirmed wait for its owner (`Build.confirmBy`), follow nobody
    /// and are followed by nobody, and one mail of the kind `.confirmation` is owed for them (their lead's). Addresses
    /// compare without regard to the case of letters.
    func accept(_ new: [NewBuild], limits: AcceptLimits, at now: Timestamp) async throws(StorageError) -> Acceptance

    /// What `accept` would answer now other than `.accepted`; `nil`: it would accept. Writes nothing and promises nothing:
    /// for what is too costly to be done for a submission that is not taken anyway.
    func preview(
        _ new: [NewBuild], limits: AcceptLimits, at now: Timestamp
    ) async throws(StorageError) -> Acceptance?

    func build(_ id: BuildID) async throws(StorageError) -> Build?

    /// The build under way whose current run has this id at its provider; `nil` if there is none. Should there be several,
    /// the newest.
    func build(withRun id: String, at provider: String) async throws(StorageError) -> BuildID?

    /// Builds, newest first, created before `before` (all, if `nil`).
    func builds(before: BuildID?, limit: Int) async throws(StorageError) -> [Build]

    /// All builds of the submission that a build belongs to, the lead first, then as they were submitted; the build
    /// alone if it has no group, none if there is no such build.
    func group(of id: BuildID) async throws(StorageError) -> [Build]

    /// The timeline's entries with a number above `sequence`, oldest first.
    func timeline(of id: BuildID, after sequence: Int64) async throws(StorageError) -> [TimelineEntry]

    /// Moves a build by an event: one transaction writes the new state, the timeline entry and the effects
    /// (outbox entry, artifacts, clean-up, time of the next try).
    ///
    /// A group has one outbox entry, its lead's, written when its last build ends: `succeeded` if any of its builds
    /// succeeded, else `failed` if any failed, else as the lead ended.
    ///
    /// - Parameters:
    ///   - lease: the worker's claim, and what becomes of it. `nil` for facts from outside (a requester's cancel,
    ///     a callback): the lease that a worker may hold is then taken away only if the build's state changes by more
    ///     than its phase.
    /// - Throws: `.leaseLost` if the token is no longer the row's; `.illegalTransition`; `.unknownBuild`.
    func apply(
        _ event: BuildEvent, to id: BuildID, policy: BuildPolicy, lease: LeaseUse?, at now: Timestamp
    ) async throws(StorageError) -> Transition

    /// Takes waiting builds from the queue while there are free slots and the pace allows, by priority, then by turn:
    /// oldest first, but the second waiting build of one requester stands behind what others submit within an hour. Each
    /// gets its `claimed` event (so that a slot is never given twice), a lease, and is returned in `triggering`.
    ///
    /// Builds that are to be gathered for (`Build.isToGather`) are taken for that first, by places of their own: no slot
    /// and no pace of a provider or recipe counts them until they are `gathered`.
    func startDue(
        _ slots: StartSlots, limit: Int, leaseFor: Duration, at now: Timestamp
    ) async throws(StorageError) -> [ClaimedBuild]

    /// Leases builds in `triggering`, `running`, `collecting` or `verifying` whose next action is due and which nobody
    /// holds (no lease, or it ran out).
    func claimDue(limit: Int, leaseFor: Duration, at now: Timestamp) async throws(StorageError) -> [ClaimedBuild]

    /// Prolongs many claims in one transaction.
    /// - Returns: the builds whose claim is lost.
    func keep(
        _ claims: [(build: BuildID, lease: LeaseToken)], until: Timestamp, at now: Timestamp
    ) async throws(StorageError) -> Set<BuildID>

    /// Gives many claims back in one transaction, as `LeaseUse.release` does; those that are lost are ignored.
    func release(
        _ claims: [(build: BuildID, lease: LeaseToken, nextActionAt: Timestamp)], at now: Timestamp
    ) async throws(StorageError)

    /// Makes a build that is under way due now: something was heard of its run. Whoever holds it is not disturbed, but
    /// cannot put the next look off when it gives it back. Posts `.build` and `.work`. Nothing happens to other builds.
    func nudge(_ id: BuildID, at now: Timestamp) async throws(StorageError)

    /// Sends the recipe's builds that wait (followers too) to another provider.
    /// - Returns: how many builds were sent elsewhere.
    func route(_ recipe: RecipeID, to provider: String, at now: Timestamp) async throws(StorageError) -> Int

    /// Notes in the timeline that the run fetched a file of the submission: once for each attempt and name. Nothing
    /// happens if the attempt is not the build's current one.
    func recordInputFetched(
        _ name: String, by attempt: Attempt, of id: BuildID, at now: Timestamp
    ) async throws(StorageError)

    /// Notes in the timeline how far fetching for a build in `triggering` has got, for its page.
    /// - Throws: `.leaseLost` if the token is not the row's, or the build has moved on; `.unknownBuild`.
    func noteFetching(
        _ note: String, for id: BuildID, lease: LeaseToken, at now: Timestamp
    ) async throws(StorageError)

    /// Gives a build in `triggering` a file that was fetched for it, under a name that no field has: one transaction
    /// writes it into the inputs, makes the file the submission's, and notes it in the timeline. A build that has a file
    /// under this name keeps it, and nothing is written.
    /// - Returns: the build afterwards.
    /// - Throws: `.leaseLost` if the token is not the row's, or the build has moved on; `.unknownBuild`.
    func attach(
        _ upload: Upload, as name: FieldName, note: String, to id: BuildID, lease: LeaseToken, at now: Timestamp
    ) async throws(StorageError) -> Build

    /// Followers whose leader has ended, oldest leader's end first: each is to be answered (`BuildEvent.reused`) or to
    /// be sent into the queue (`unfollow`). Not leased: whoever acts on it twice changes nothing the second time.
    func followersDue(limit: Int) async throws(StorageError) -> [(follower: Build, leader: Build)]

    /// Puts a follower into the queue as a build of its own, behind those who stand there. Nothing happens to others.
    func unfollow(_ id: BuildID, at now: Timestamp) async throws(StorageError)

    /// Prolongs or gives back a claim without moving the build.
    /// - Throws: `.leaseLost`.
    func settle(_ lease: LeaseUse, of id: BuildID, at now: Timestamp) async throws(StorageError)

    /// When `startDue`, `claimDue` or `followersDue` can find something next; `nil`: nothing is owed. Free slots and
    /// the pace are not looked at: while none is free, builds that wait are due all the time.
    func nextActionAt() async throws(StorageError) -> Timestamp?

    /// Like `nextActionAt()`, but builds that the pace of `slots` holds back are due when it allows the next one.
    func nextActionAt(for slots: StartSlots, at now: Timestamp) async throws(StorageError) -> Timestamp?

    /// Builds that have waited longer than `waitLimits[recipe]` since they last went into the queue; no followers.
    func overdueInQueue(waitLimits: [RecipeID: Duration], at now: Timestamp) async throws(StorageError) -> [BuildID]

    /// Leases clean-ups that are due: attempts that ended or were lost, whose run and files may still be there.
    func claimDueCleanUps(limit: Int, leaseFor: Duration, at now: Timestamp) async throws(StorageError) -> [CleanUp]

    /// `retryAt` `nil`: done, the row goes.
    /// - Throws: `.leaseLost`.
    func settleCleanUp(_ cleanUp: CleanUp, retryAt: Timestamp?) async throws(StorageError)

    /// When `claimDueCleanUps` can find something next; `nil`: nothing is owed.
    func nextCleanUpAt() async throws(StorageError) -> Timestamp?

    /// Ended builds whose files are due to go (`expiresAt` passed) and are not yet removed.
    func buildsWithExpiredFiles(limit: Int, at now: Timestamp) async throws(StorageError) -> [Build]
    func recordFilesRemoved(of id: BuildID, at now: Timestamp) async throws(StorageError)
    /// The uploads that go with the files of a build: those that no other build of its group still keeps.
    func uploadsToRemove(with id: BuildID) async throws(StorageError) -> [UploadID]

    /// Those of the given uploads that belong to a build.
    func knownUploads(among ids: [UploadID]) async throws(StorageError) -> Set<UploadID>

    /// Builds that stand before this one: waiting ones that are claimed earlier, and those under way at its provider.
    /// `nil` if it does not wait, or only for another build's result.
    func queuePlace(of id: BuildID) async throws(StorageError) -> QueuePlace?
    /// Start-to-end times of the newest successful builds of a recipe, newest first.
    func durations(of recipe: RecipeID, limit: Int) async throws(StorageError) -> [Duration]
    /// How many builds are in each state; states without builds are absent.
    func counts() async throws(StorageError) -> [BuildState.Name: Int]

    /// How many builds wait (without followers, with those that are gathered for) and how many are under way, by provider;
    /// providers without are absent.
    func backlog() async throws(StorageError) -> [String: (waiting: Int, underWay: Int)]

    /// A number that is another one after every commit, before whoever asked for the commit hears of it: what was read
    /// after a look at the number is still so while the number is the same. `nil` if commits can happen that this
    /// store does not see.
    var revision: Int64? { get }

    /// Looks whether another process has written; then `revision` is another one, and `.mail` and `.work` are posted.
    func noticeOthers() async

    /// The network address that a submission came from; `nil` once it is forgotten.
    func source(of id: BuildID) async throws(StorageError) -> String?

    /// Proves that the database answers and takes writes.
    func probe() async throws(StorageError)
}

extension BuildStore {
    /// Writes a submission that makes one build.
    package func accept(
        _ new: NewBuild, limits: AcceptLimits, at now: Timestamp
    ) async throws(StorageError) -> Acceptance {
        try await accept([new], limits: limits, at: now)
    }
}

/// Hints that something has changed. A stream holds at most one pending hint (so a slow reader costs nothing, P6),
/// begins with one, and ends when its task is cancelled. A hint can be about nothing new; none is lost.
package protocol NoticeBoard: Sendable {
    func subscribe(to topic: NoticeTopic) -> AsyncStream<Void>
    func post(_ topic: NoticeTopic)
}

package enum NoticeTopic: Hashable, Sendable {
    /// A build's row or log changed.
    case build(BuildID)
    /// Some build may be due for a worker.
    case work
    /// Some mail may be due.
    case mail
}

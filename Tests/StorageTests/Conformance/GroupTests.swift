import Domain
import Storage
import TestSupport
import Testing

@Suite("BuildStore: groups") struct GroupTests {
    typealias Fixture = StoreFixture

    @Test(arguments: StoreEngine.allCases)
    func `a submission of several builds is accepted whole, its lead first, P1`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let builds = try await fixture.acceptGroup(of: ["i386", "amd64", "arm64"])
        #expect(builds.map(\.target) == ["i386", "amd64", "arm64"])
        let lead = try #require(builds.first).id
        #expect(builds.map(\.group) == [lead, lead, lead])
        for build in builds { #expect(try await fixture.store.group(of: build.id) == builds) }
        let mailed = try await fixture.store.correspondence(about: lead)
        #expect(mailed.builds == builds && mailed.mails.isEmpty)
        let alone = try await fixture.accept()
        #expect(alone.group == nil && alone.target == nil)
        #expect(try await fixture.store.group(of: alone.id) == [alone])
        #expect(try await fixture.store.group(of: NewBuild.sample().id).isEmpty)
        #expect(try await fixture.store.counts() == [.queued: 4])
    }

    @Test(arguments: StoreEngine.allCases)
    func `every build of a group counts for the limits, and none is written over them, P6`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        let later = Fixture.start + .seconds(100)
        let waiting = AcceptLimits(waiting: 3, perSourcePerHour: nil, perAddressPerHour: nil)
        let first = try await fixture.acceptGroup(of: ["a", "b"], limits: waiting)
        func send(_ count: Int, _ limits: AcceptLimits) async throws -> Acceptance {
            let new = (0..<count).map { _ in
                var new = NewBuild.sample(at: later)
                (new.source, new.address) = ("192.0.2.9", first[0].address)
                return new
            }
            return try await fixture.store.accept(new, limits: limits, at: later)
        }
        #expect(try await send(2, waiting) == .queueFull(waiting: 2))
        let perAddress = AcceptLimits(waiting: nil, perSourcePerHour: nil, perAddressPerHour: 3)
        #expect(try await send(2, perAddress) == .tooManyForAddress(retryAfter: .seconds(3500)))
        guard case .accepted = try await send(1, perAddress) else { throw UnexpectedAnswer() }
        let perSource = AcceptLimits(waiting: nil, perSourcePerHour: 2, perAddressPerHour: nil)
        #expect(try await send(3, perSource) == .tooManyFromSource(retryAfter: .seconds(3600)))
        #expect(try await send(2, perSource) == .tooManyFromSource(retryAfter: .seconds(3600)))
        #expect(try await fixture.store.counts() == [.queued: 3])
    }

    @Test(arguments: StoreEngine.allCases)
    func `the same key again is the same group, P3`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let builds = try await fixture.acceptGroup(of: ["a", "b"]) {
            $0.source = "192.0.2.9"
            $0.idempotencyKey = "key"
        }
        var again = [NewBuild.sample(), NewBuild.sample()]
        for place in again.indices {
            again[place].source = "192.0.2.9"
            again[place].idempotencyKey = "key"
        }
        #expect(try await fixture.store.accept(again, limits: .none, at: Fixture.start) == .existing(builds[0]))
        #expect(try await fixture.store.counts() == [.queued: 2])
    }

    @Test(arguments: StoreEngine.allCases)
    func `no builds are no submission`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        await #expect(throws: StorageError.self) {
            try await fixture.store.accept([], limits: .none, at: Fixture.start)
        }
    }

    /// How the builds end, in the order in which they do (places in the group), and the one mail.
    static let ends: [(ends: [(place: Int, state: BuildState.Name)], mail: MailKind)] = [
        ([(0, .succeeded), (1, .succeeded)], .succeeded),
        ([(0, .succeeded), (1, .failed)], .succeeded),
        ([(1, .cancelled), (0, .succeeded)], .succeeded),
        ([(0, .failed), (1, .succeeded)], .succeeded),
        ([(0, .failed), (1, .cancelled)], .failed),
        ([(0, .expired), (1, .failed)], .failed),
        ([(1, .expired), (0, .cancelled)], .cancelled),
        ([(0, .expired), (1, .cancelled)], .expired),
    ]

    @Test(arguments: StoreEngine.allCases, ends.indices)
    func `a group owes one mail, its lead's, when its last build has ended, P2`(
        engine: StoreEngine, example: Int
    ) async throws {
        let fixture = try await engine.open()
        let (ends, mail) = Self.ends[example]
        let builds = try await fixture.acceptGroup(of: ["a", "b"])
        for (position, (place, state)) in ends.enumerated() {
            #expect(try await fixture.store.outboxSummary().waiting == 0)
            var hint = fixture.notices.subscribe(to: .mail).makeAsyncIterator()
            await hint.next()
            try await end(builds[place], as: state, fixture)
            if position == ends.count - 1 { await hint.next() }
        }
        let deliveries = try await fixture.store.deliveries(of: builds[0].id)
        #expect(try await fixture.store.correspondence(about: builds[0].id).mails == deliveries)
        #expect(deliveries.map(\.kind) == [mail])
        #expect(deliveries.map(\.to) == [builds[0].address])
        #expect(try await fixture.store.deliveries(of: builds[1].id).isEmpty)
        for build in builds { try await fixture.apply(.cancelled, to: build.id) }
        #expect(try await fixture.store.outboxSummary().waiting == 1)
    }

    @Test(arguments: StoreEngine.allCases)
    func `builds of a group that end at the same time owe one mail together, P2`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let builds = try await fixture.acceptGroup(of: (0..<20).map { "t\($0)" })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for build in builds { group.addTask { try await fixture.apply(.cancelled, to: build.id) } }
            try await group.waitForAll()
        }
        #expect(try await fixture.store.deliveries(of: builds[0].id).map(\.kind) == [.cancelled])
        #expect(try await fixture.store.outboxSummary().waiting == 1)
    }

    @Test(arguments: StoreEngine.allCases)
    func `who watches the lead hears of the others`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let builds = try await fixture.acceptGroup(of: ["a", "b"])
        var lead = fixture.notices.subscribe(to: .build(builds[0].id)).makeAsyncIterator()
        await lead.next()
        try await fixture.apply(.cancelled, to: builds[1].id)
        await lead.next()
    }

    @Test(arguments: StoreEngine.allCases)
    func `a group's uploads go with the last build that keeps its files, P4`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let builds = try await fixture.acceptGroup(of: ["a", "b"])
        let stranger = try await fixture.accept()
        let uploads = builds[0].inputs.uploadIDs
        for build in builds { try await fixture.apply(.cancelled, to: build.id) }
        for build in builds { #expect(try await fixture.store.uploadsToRemove(with: build.id).isEmpty) }
        try await fixture.store.recordFilesRemoved(of: builds[0].id, at: Fixture.start)
        #expect(try await fixture.store.knownUploads(among: uploads) == Set(uploads))
        #expect(try await fixture.store.uploadsToRemove(with: builds[1].id) == uploads)
        try await fixture.store.recordFilesRemoved(of: builds[1].id, at: Fixture.start)
        #expect(try await fixture.store.knownUploads(among: uploads).isEmpty)
        let kept = stranger.inputs.uploadIDs
        #expect(try await fixture.store.knownUploads(among: kept) == Set(kept))
        #expect(try await fixture.store.uploadsToRemove(with: stranger.id) == kept)
    }

    private func end(_ build: Build, as state: BuildState.Name, _ fixture: Fixture) async throws {
        switch state {
        case .succeeded:
            var claimed = try await fixture.startAll().first { $0.build.id == build.id }
            if claimed == nil {
                let late = Fixture.start + Fixture.lease
                claimed = try await fixture.store.claimDue(limit: 9, leaseFor: Fixture.lease, at: late)
                    .first { $0.build.id == build.id }
            }
            try await fixture.succeed(try #require(claimed))
        case .failed: try await fixture.apply(.ended(.sample, of: nil), to: build.id)
        case .cancelled: try await fixture.apply(.cancelled, to: build.id)
        case .expired: try await fixture.apply(.expired, to: build.id)
        case .queued, .triggering, .running, .collecting, .verifying: throw UnexpectedAnswer()
        }
    }
}

extension Inputs {
    var uploadIDs: [UploadID] {
        values.compactMap { value in
            if case .upload(let upload) = value.content { upload.id } else { nil }
        }
    }
}

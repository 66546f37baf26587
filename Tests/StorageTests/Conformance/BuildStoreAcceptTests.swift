import Domain
import Storage
import TestSupport
import Testing

@Suite("BuildStore: acceptance") struct BuildStoreAcceptTests {
    typealias Fixture = StoreFixture

    @Test(arguments: StoreEngine.allCases)
    func `no race passes the limit on waiting builds, P6`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let limits = AcceptLimits(waiting: 50, perSourcePerHour: nil, perAddressPerHour: nil)
        let answers = try await withThrowingTaskGroup(of: Acceptance.self) { group in
            for _ in 0..<200 {
                group.addTask { try await fixture.store.accept(.sample(), limits: limits, at: Fixture.start) }
            }
            return try await group.reduce(into: [Acceptance]()) { $0.append($1) }
        }
        let accepted = answers.filter { if case .accepted = $0 { true } else { false } }
        #expect(accepted.count == 50)
        #expect(answers.filter { $0 == .queueFull(waiting: 50) }.count == 150)
        #expect(try await fixture.store.counts() == [.queued: 50])
    }

    @Test(arguments: StoreEngine.allCases)
    func `a source may send so many an hour`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let limits = AcceptLimits(waiting: nil, perSourcePerHour: 2, perAddressPerHour: nil)
        let start = Fixture.start
        func send(at second: Int) async throws -> Acceptance {
            var new = NewBuild.sample(at: start + .seconds(second))
            new.source = "192.0.2.9"
            return try await fixture.store.accept(new, limits: limits, at: start + .seconds(second))
        }
        _ = try await send(at: 0)
        _ = try await send(at: 600)
        #expect(try await send(at: 1000) == .tooManyFromSource(retryAfter: .seconds(2600)))
        try await fixture.accept(at: start + .seconds(1000), limits: limits)
        #expect(try await send(at: 3599) == .tooManyFromSource(retryAfter: .seconds(1)))
        guard case .accepted = try await send(at: 3600) else { throw UnexpectedAnswer() }
        #expect(try await send(at: 3601) == .tooManyFromSource(retryAfter: .seconds(599)))
    }

    @Test(arguments: StoreEngine.allCases)
    func `an address may be sent so many an hour, from wherever`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let limits = AcceptLimits(waiting: nil, perSourcePerHour: nil, perAddressPerHour: 1)
        try await fixture.accept(limits: limits) { $0.address = "a@example.org" }
        var second = NewBuild.sample()
        second.address = "a@example.org"
        let answer = try await fixture.store.accept(second, limits: limits, at: Fixture.start + .seconds(1))
        #expect(answer == .tooManyForAddress(retryAfter: .seconds(3599)))
        try await fixture.accept(limits: limits) { $0.address = nil }
    }

    @Test(arguments: StoreEngine.allCases)
    func `a refused submission leaves nothing`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let new = NewBuild.sample()
        let limits = AcceptLimits(waiting: 0, perSourcePerHour: nil, perAddressPerHour: nil)
        #expect(try await fixture.store.accept(new, limits: limits, at: Fixture.start) == .queueFull(waiting: 0))
        #expect(try await fixture.store.build(new.id) == nil)
        #expect(try await fixture.store.knownUploads(among: new.uploads).isEmpty)
    }

    @Test(arguments: StoreEngine.allCases)
    func `the same key from the same source is the same build, also after its source is forgotten`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        let none = AcceptLimits(waiting: 1, perSourcePerHour: 1, perAddressPerHour: 1)
        func keyed(_ new: inout NewBuild) {
            new.source = "192.0.2.9"
            new.idempotencyKey = "key"
        }
        let first = try await fixture.accept(limits: none, keyed)
        var again = NewBuild.sample()
        keyed(&again)
        #expect(try await fixture.store.accept(again, limits: none, at: Fixture.start) == .existing(first))
        #expect(try await fixture.store.knownUploads(among: again.uploads).isEmpty)

        let ended = try await fixture.apply(.cancelled, to: first.id).build
        let later = Fixture.start + .seconds(100_000)
        try await fixture.accept(at: later)
        #expect(try await fixture.store.accept(again, limits: none, at: later) == .existing(ended))

        again.source = "192.0.2.10"
        guard case .accepted = try await fixture.store.accept(again, limits: .none, at: later) else {
            throw UnexpectedAnswer()
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func `one key sent at once makes one build, P3`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let ids = try await withThrowingTaskGroup(of: BuildID.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    var new = NewBuild.sample()
                    new.source = "192.0.2.9"
                    new.idempotencyKey = "key"
                    switch try await fixture.store.accept(new, limits: .none, at: Fixture.start) {
                    case .accepted(let build), .existing(let build): return build.id
                    case .queueFull, .tooManyFromSource, .suppressed, .blocked, .tooManyForAddress:
                        throw UnexpectedAnswer()
                    }
                }
            }
            return try await group.reduce(into: Set<BuildID>()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
        #expect(try await fixture.store.counts() == [.queued: 1])
    }

    @Test(arguments: StoreEngine.allCases)
    func `uploads are known while their build keeps its files`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let new = NewBuild.sample()
        let stranger = NewBuild.sample().uploads
        _ = try await fixture.store.accept(new, limits: .none, at: Fixture.start)
        #expect(try await fixture.store.knownUploads(among: new.uploads + stranger) == Set(new.uploads))
        try await fixture.apply(.cancelled, to: new.id)
        try await fixture.store.recordFilesRemoved(of: new.id, at: Fixture.start)
        #expect(try await fixture.store.knownUploads(among: new.uploads).isEmpty)
    }

    @Test(arguments: StoreEngine.allCases)
    func `accepting tells the workers and the build's watchers`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let new = NewBuild.sample()
        var work = fixture.notices.subscribe(to: .work).makeAsyncIterator()
        var build = fixture.notices.subscribe(to: .build(new.id)).makeAsyncIterator()
        await work.next()
        await build.next()
        _ = try await fixture.store.accept(new, limits: .none, at: Fixture.start)
        await work.next()
        await build.next()
    }
}

extension NewBuild {
    var uploads: [UploadID] {
        inputs.values.compactMap { value in
            if case .upload(let upload) = value.content { upload.id } else { nil }
        }
    }
}

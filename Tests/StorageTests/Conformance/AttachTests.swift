import Domain
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct AttachTests {
    private let start = StoreFixture.start
    private static let name = FieldName(unchecked: "fetched")

    private static func upload(_ letter: Character = "d") -> Upload {
        var generator = SystemRandomNumberGenerator()
        let digest = String(repeating: letter, count: 64)
        return Upload(
            id: .make(at: StoreFixture.start, using: &generator), name: "fetched.zip", contentType: "application/zip",
            bytes: 77, sha256: digest, receivedSHA256: digest)
    }

    private func attach(
        _ upload: Upload, to claimed: ClaimedBuild, lease: LeaseToken? = nil, in fixture: StoreFixture
    ) async throws -> Build {
        try await fixture.store.attach(
            upload, as: Self.name, note: "2 documents from example.org", to: claimed.build.id,
            lease: lease ?? claimed.lease, at: start + .seconds(1))
    }

    @Test(arguments: StoreEngine.allCases)
    func `what was fetched is the build's, and goes with it`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        let upload = Self.upload()
        let build = try await attach(upload, to: claimed, in: fixture)
        #expect(build == (try await fixture.read(claimed.build.id)))
        #expect(build.inputs[Self.name] == .upload(upload))
        #expect(build.inputs.values.dropLast() == claimed.build.inputs.values[...])
        #expect(build.state == claimed.build.state)
        #expect(try await fixture.store.knownUploads(among: [upload.id]) == [upload.id])
        let entry = try await fixture.store.timeline(of: build.id, after: 0).last
        #expect(entry?.event == "fetched" && entry?.note == "2 documents from example.org")
        #expect(entry?.sequence == build.sequence)
        // It goes on as if nothing had happened.
        try await fixture.succeed(claimed)
        #expect(try await fixture.store.uploadsToRemove(with: build.id).contains(upload.id))
    }

    @Test(arguments: StoreEngine.allCases)
    func `a build keeps the first that was fetched for it`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        let (first, second) = (Self.upload(), Self.upload("e"))
        let build = try await attach(first, to: claimed, in: fixture)
        #expect(try await attach(second, to: claimed, in: fixture) == build)
        #expect(try await fixture.store.knownUploads(among: [first.id, second.id]) == [first.id])
    }

    @Test(arguments: StoreEngine.allCases)
    func `only the claim that is good attaches, and only before the start`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        let upload = Self.upload()
        var generator = SystemRandomNumberGenerator()
        let other = LeaseToken.make(at: start, using: &generator)
        await #expect(throws: StorageError.leaseLost) {
            _ = try await attach(upload, to: claimed, lease: other, in: fixture)
        }
        await #expect(throws: StorageError.leaseLost) {
            try await fixture.store.noteFetching("x", for: claimed.build.id, lease: other, at: start)
        }
        try await fixture.apply(.cancelled, to: claimed.build.id)
        await #expect(throws: StorageError.leaseLost) { _ = try await attach(upload, to: claimed, in: fixture) }
        #expect(try await fixture.store.knownUploads(among: [upload.id]).isEmpty)
        let next = try await fixture.started()
        try await fixture.apply(.triggered(.sample(Attempt(number: 1, of: next.build.id))), to: next)
        await #expect(throws: StorageError.leaseLost) { _ = try await attach(upload, to: next, in: fixture) }
    }

    @Test(arguments: StoreEngine.allCases)
    func `how far fetching has got stands in the timeline, and moves nothing`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let claimed = try await fixture.started()
        try await fixture.store.noteFetching(
            "Fetching the data: 3 of 9 pictures", for: claimed.build.id, lease: claimed.lease, at: start)
        let build = try await fixture.read(claimed.build.id)
        #expect(build.state == claimed.build.state && build.sequence == claimed.build.sequence + 1)
        let entry = try await fixture.store.timeline(of: build.id, after: claimed.build.sequence).first
        #expect(entry?.event == "fetching" && entry?.note == "Fetching the data: 3 of 9 pictures")
    }

    @Test(arguments: StoreEngine.allCases)
    func `of a group it stays until the last of its builds is gone`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let group = try await fixture.acceptGroup(of: ["amd64", "i386"])
        let claimed = try await fixture.startAll()
        let upload = Self.upload()
        let second = try #require(claimed.first { $0.build.id == group[1].id })
        _ = try await attach(upload, to: second, in: fixture)
        for build in claimed { try await fixture.succeed(build) }
        #expect(try await fixture.store.uploadsToRemove(with: group[1].id).isEmpty)
        try await fixture.store.recordFilesRemoved(of: group[1].id, at: start + .seconds(9))
        #expect(try await fixture.store.uploadsToRemove(with: group[0].id).contains(upload.id))
    }

    @Test(arguments: StoreEngine.allCases)
    func `a preview says what would keep a submission out, and writes nothing`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        var new = NewBuild.sample()
        new.idempotencyKey = "key"
        #expect(try await fixture.store.preview([new], limits: .none, at: start) == nil)
        #expect(try await fixture.store.build(new.id) == nil)
        guard case .accepted(let build) = try await fixture.store.accept([new], limits: .none, at: start) else {
            throw UnexpectedAnswer()
        }
        var again = NewBuild.sample()
        (again.idempotencyKey, again.source) = (new.idempotencyKey, new.source)
        #expect(try await fixture.store.preview([again], limits: .none, at: start) == .existing(build))
        let full = AcceptLimits(waiting: 1, perSourcePerHour: nil, perAddressPerHour: nil)
        #expect(
            try await fixture.store.preview([.sample()], limits: full, at: start) == .queueFull(waiting: 1))
    }
}

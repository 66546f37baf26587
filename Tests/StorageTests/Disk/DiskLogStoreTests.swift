import Domain
import Storage
import TestSupport
import Testing

@Suite struct DiskLogStoreTests {
    private let directory: TemporaryDirectory
    private let notices = Notices()
    private let logs: DiskLogStore
    private let build = NewBuild.sample().id

    init() throws {
        directory = try TemporaryDirectory()
        logs = try DiskLogStore(directory: directory.path("logs"), notices: notices)
    }

    private func part(_ attempt: Int, _ stage: LogPart.Stage = .run) -> LogPart {
        LogPart(build: build, attempt: attempt, stage: stage)
    }

    private func text(from offset: Int64 = 0, length: Int = 1000) async throws -> String {
        String(decoding: try await logs.read(build, from: offset, length: length), as: UTF8.self)
    }

    @Test func `a log that nobody wrote is empty`() async throws {
        #expect(try await logs.size(of: build) == 0)
        #expect(try await logs.size(of: part(1)) == 0)
        #expect(try await text() == "")
    }

    @Test func `what was copied before is not written again`() async throws {
        try await logs.append(Array("one two".utf8), at: 0, to: part(1))
        try await logs.append(Array("one two".utf8), at: 0, to: part(1))
        try await logs.append(Array("two three".utf8), at: 4, to: part(1))
        try await logs.append(Array("one".utf8), at: 0, to: part(1))
        #expect(try await text() == "one two three")
        #expect(try await logs.size(of: part(1)) == 13)
    }

    @Test func `a gap is refused`() async throws {
        try await logs.append(Array("one".utf8), at: 0, to: part(1))
        await #expect(throws: StorageError.self) { try await logs.append(Array("x".utf8), at: 4, to: part(1)) }
        #expect(try await text() == "one")
    }

    @Test(arguments: [(0, 100), (0, 3), (2, 5), (4, 4), (8, 3), (11, 5), (12, 9), (40, 1), (-3, 2), (0, 0)])
    func `parts are read as one text in their order`(offset: Int, length: Int) async throws {
        try await logs.append(Array("tenth".utf8), at: 0, to: part(10))
        try await logs.append(Array("one.".utf8), at: 0, to: part(1))
        try await logs.append(Array("ver".utf8), at: 0, to: part(1, .verification))
        let whole = Array("one.vertenth")
        let wanted = whole.dropFirst(max(offset, 0)).prefix(length)
        #expect(try await text(from: Int64(offset), length: length) == String(wanted))
        #expect(try await logs.size(of: build) == 12)
    }

    @Test func `appending is noticed, and only when there is something new`() async throws {
        var hints = notices.subscribe(to: .build(build)).makeAsyncIterator()
        await hints.next()
        try await logs.append(Array("x".utf8), at: 0, to: part(1))
        await hints.next()
        try await logs.append(Array("x".utf8), at: 0, to: part(1))
        notices.post(.build(build))
        await hints.next()
    }

    @Test func `one build's log is not another's, P4`() async throws {
        let other = NewBuild.sample().id
        try await logs.append(Array("mine".utf8), at: 0, to: part(1))
        try await logs.append(
            Array("theirs".utf8), at: 0, to: LogPart(build: other, attempt: 1, stage: .run))
        try await logs.removeAll(of: other)
        try await logs.removeAll(of: other)
        #expect(try await text() == "mine")
        #expect(try await logs.size(of: other) == 0)
    }

    @Test func `an id that is a path is refused, P4`() async throws {
        let crafted = BuildID(unchecked: "../../../../etc")
        await #expect(throws: StorageError.self) { _ = try await logs.read(crafted, from: 0, length: 10) }
        await #expect(throws: StorageError.self) { try await logs.removeAll(of: crafted) }
    }

    @Test func `appends that are made at once leave one whole log`() async throws {
        let whole = Array(String(repeating: "0123456789", count: 500).utf8)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    for end in stride(from: 500, through: whole.count, by: 500) {
                        try await logs.append(Array(whole[..<end]), at: 0, to: part(1))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await logs.read(build, from: 0, length: 10_000) == whole)
    }
}

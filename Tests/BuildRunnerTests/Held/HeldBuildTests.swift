import BuildRunner
import Domain
import NIOConcurrencyHelpers
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct HeldBuildTests {
    /// Counts what is read of reports: each time that a held build is looked up in the database.
    private final class CountedReports: ReportStore {
        let reads = NIOLockedValueBox(0)
        private let store: SQLiteStore

        init(_ store: SQLiteStore) {
            self.store = store
        }

        func record(
            _ report: RunReport, of attempt: Attempt, build: BuildID, at now: Timestamp
        ) async throws(StorageError) -> RunReport {
            try await store.record(report, of: attempt, build: build, at: now)
        }

        func report(of attempt: Attempt) async throws(StorageError) -> RunReport? {
            reads.withLockedValue { $0 += 1 }
            return try await store.report(of: attempt)
        }
    }

    @Test
    func `Two thousand held builds at rest cost one write in each third of a lease (P6)`() async throws {
        let count = 2000
        let kiln = try await Kiln(recipe: .remote())
        let provider = ScriptedProvider("webhook", givesHints: false)
        let reports = CountedReports(kiln.store)
        let shop = try kiln.shop(
            providers: [provider],
            settings: WorkshopSettings(
                workers: 1, concurrency: 200, remoteAtOnce: count, remoteTriggersPerMinute: count),
            reports: reports)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask { _ = try await kiln.submit(address: "\(number)@example.org") }
            }
            try await group.waitForAll()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await BuildWorker(shop).run() }
            try await until { provider.starts.count == count }
            try await until { try await kiln.store.counts()[.running] == count }
            // Each was looked up once when its holding began.
            try await until { reports.reads.withLockedValue { $0 } == count }
            try await until { kiln.clock.deadlines.count >= count + 3 }
            // The first look tells of each that it has begun, and whoever holds it hears that.
            kiln.clock.advance(by: .seconds(10))
            try await until { reports.reads.withLockedValue { $0 } == 2 * count }
            try await until { kiln.clock.deadlines.count >= count + 3 }
            let (revision, looks) = (kiln.store.revision ?? 0, provider.observations)

            kiln.clock.advance(by: .seconds(10))
            try await until { provider.observations >= looks + count }
            try await until { kiln.store.revision != revision }
            try await until { kiln.clock.deadlines.count >= count + 3 }
            #expect(kiln.store.revision == revision + 1)
            #expect(reports.reads.withLockedValue { $0 } == 2 * count)
            #expect(provider.observations == looks + count)

            group.cancelAll()
            try await group.waitForAll()
        }
        // All were handed back.
        let claimed = try await kiln.store.claimDue(limit: count + 1, leaseFor: .seconds(30), at: kiln.clock.now())
        #expect(claimed.count == count)
        #expect(provider.starts.values.allSatisfy { $0 == 1 })
    }

    @Test
    func `A held build whose claim is another's is dropped at once`() async throws {
        let kiln = try await Kiln(recipe: .remote())
        let provider = ScriptedProvider("webhook", givesHints: false)
        let id = try await kiln.submit()
        try await kiln.working(try kiln.shop(providers: [provider])) {
            _ = try await kiln.build(id) { $0.state.name == .running }
            try await kiln.untilAsleep(for: .milliseconds(4500)...(.milliseconds(5500)))
            // A machine whose clock is ahead.
            let stolen = try await kiln.store.claimDue(
                limit: 1, leaseFor: .seconds(3600), at: kiln.clock.now() + .seconds(100))
            #expect(stolen.map(\.build.id) == [id])
            let looks = provider.observations
            kiln.clock.advance(by: .seconds(10))
            // One look may have been on its way when the claim turned out to be lost.
            try await until { !kiln.clock.deadlines.contains(kiln.clock.now()) }
            provider.end(Attempt(number: 1, of: id), as: .succeeded)
            for _ in 0..<120 {
                kiln.clock.advance(by: .seconds(1))
                await Task.yield()
            }
            #expect(provider.observations <= looks + 2)
            #expect(try await kiln.store.build(id)?.state.name == .running)
        }
    }

    @Test
    func `More builds than may be held wait their turn (P6)`() async throws {
        let kiln = try await Kiln(recipe: .remote())
        let provider = ScriptedProvider("webhook", givesHints: false)
        let shop = try kiln.shop(providers: [provider], settings: WorkshopSettings(workers: 1, held: 2))
        var ids: [BuildID] = []
        for number in 0..<5 { ids.append(try await kiln.submit(address: "\(number)@example.org")) }
        let all = ids
        try await kiln.working(shop) {
            try await until { provider.starts.count == 5 }
            for id in all { provider.end(Attempt(number: 1, of: id), as: .succeeded) }
            for id in all { try await kiln.turn(until: { try await kiln.store.build(id)?.state.isTerminal == true }) }
        }
        for id in ids { #expect(try await kiln.store.build(id)?.state == .succeeded) }
    }

    @Test
    func `A nudge makes the holder look at once`() async throws {
        let kiln = try await Kiln(recipe: .remote())
        let provider = ScriptedProvider("webhook", givesHints: false)
        let reports = CountedReports(kiln.store)
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop(providers: [provider], reports: reports)) {
            _ = try await kiln.build(id) { $0.state.name == .running }
            try await until { reports.reads.withLockedValue { $0 } == 1 }
            kiln.clock.advance(by: .seconds(1))
            provider.end(Attempt(number: 1, of: id), as: .succeeded)
            try await kiln.store.nudge(id, at: kiln.clock.now())
            return try await kiln.ended(id)
        }
        #expect(build.state == .succeeded)
        #expect(provider.observations == 1)
    }

    @Test
    func `A cancelled build is held no longer, and its run ends`() async throws {
        let kiln = try await Kiln(recipe: .remote())
        let provider = ScriptedProvider("webhook", givesHints: false)
        let id = try await kiln.submit()
        try await kiln.working(try kiln.shop(providers: [provider])) {
            _ = try await kiln.build(id) { $0.state.name == .running }
            _ = try await kiln.store.apply(
                .cancelled, to: id, policy: BuildPolicy(maxAttempts: 3), lease: nil, at: kiln.clock.now())
            try await until { provider.cancels == ["\(id)-1"] && provider.held.isEmpty }
        }
        #expect(provider.observations == 0)
    }

    @Test
    func `What the provider says of the run is told: its better name, its phase, its log`() async throws {
        let kiln = try await Kiln(recipe: .remote())
        let provider = ScriptedProvider("webhook", givesHints: false)
        let id = try await kiln.submit()
        let attempt = Attempt(number: 1, of: id)
        let better = Run(attempt: attempt, provider: "webhook", id: "build/7", url: "https://ci.example.org/7")
        let build = try await kiln.working(try kiln.shop(providers: [provider])) {
            _ = try await kiln.build(id) { $0.state.name == .running }
            provider.say(attempt, phase: Phase(label: "Compiling", percent: 10), located: better, log: "hello\n")
            try await kiln.turn(until: {
                try await kiln.store.build(id)?.state == .running(better, Phase(label: "Compiling", percent: 10))
            })
            provider.say(attempt, phase: Phase(label: "Compiling", percent: 20), located: better, log: "==> 50 half\n")
            try await kiln.turn(until: {
                try await kiln.store.build(id)?.state == .running(better, Phase(label: "Halfway", percent: 50))
            })
            provider.end(
                attempt, as: .failed(Failure(kind: .build, message: "It failed.")),
                log: "cc -c a.c\na.c:1:1: error: no clay\nmake: *** [all] Error 1\n")
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.isTerminal == true })
            return try await kiln.ended(id)
        }
        #expect(build.runs == [better])
        #expect(build.failure?.errorLine == "a.c:1:1: error: no clay")
        #expect(
            build.failure?.context
                == "hello\n==> 50 half\ncc -c a.c\na.c:1:1: error: no clay\nmake: *** [all] Error 1")
        #expect(try await kiln.events(id).filter { $0 == "runLocated" }.count == 1)
    }

    @Test
    func `Secrets of the recipe and what lets one act as the run stay out of the log (P7)`() async throws {
        let kiln = try await Kiln(recipe: .remote())
        let provider = ScriptedProvider("webhook", givesHints: false)
        let links = JobLinks(
            folder: { _, attempt in "https://kiln.example.org/uploads/folder-of-\(attempt.number)" },
            upload: { _, _, _ in "" }, callback: { _ in "" }, token: { "token-of-\($0.number)" }, page: { _ in "" })
        let shop = try kiln.shop(
            providers: [provider], secret: { $0.text == "HOOK" ? "hook-secret" : nil }, links: links)
        let id = try await kiln.submit()
        try await kiln.working(shop) {
            _ = try await kiln.build(id) { $0.state.name == .running }
            provider.end(
                Attempt(number: 1, of: id), as: .succeeded,
                log: "curl https://kiln.example.org/uploads/folder-of-1/build.json\nBearer token-of-1, hook-secret\n")
            try await kiln.turn(until: { try await kiln.store.build(id)?.state.isTerminal == true })
        }
        #expect(try await kiln.log(id) == "curl [secret]/build.json\nBearer [secret], [secret]\n")
    }
}

import Crypto
import Curl
import Domain
import Foundation
import Logging
import Mailer
import Storage

/// What of Kiln sends mail, as the server puts it together, but for the bounds on how much goes to one domain.
struct BenchHouse {
    let store: SQLiteStore
    let route: MailRoute
    let service: DeliveryService
    private let folder: String
    private let attachment: Int
    private let objects: DiskObjectStore
    private let composer: MailComposer
    private let recipe: Recipe
    private let transport: SMTPTransport
    private let clock = SystemWallClock()

    init(folder: String, attachment: Int, server: SMTPSettings) async throws {
        self.folder = folder
        self.attachment = attachment
        for name in ["", "/scratch"] {
            try FileManager.default.createDirectory(atPath: folder + name, withIntermediateDirectories: true)
        }
        let notices = Notices()
        store = try await SQLiteStore.open(path: "\(folder)/kiln.sqlite", notices: notices)
        objects = try DiskObjectStore(directory: "\(folder)/artifacts")
        let logs = try DiskLogStore(directory: "\(folder)/logs", notices: notices)
        composer = try await MailComposer(
            templatesDirectory: "templates", sender: NamedMailAddress(parsing: "Kiln <kiln@example.org>"),
            links: MailComposer.Links(
                page: { "https://kiln.example.org/builds/\($0)" },
                artifact: { "https://kiln.example.org/builds/\($0)/artifacts/\($1)" },
                log: { "https://kiln.example.org/builds/\($0)/log" }),
            objects: objects, logs: logs)
        recipe = Self.recipe(attachment: attachment)
        transport = SMTPTransport(server, folder: "\(folder)/scratch")
        route = MailRoute(primary: transport, at: clock.now())
        let recipe = recipe
        service = DeliveryService(
            outbox: store, builds: store, objects: objects, notices: notices, composer: composer, route: route,
            recipe: { _ in recipe }, clock: clock, faults: .none,
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
    }

    func end() async {
        await transport.shutdown()
        await store.close()
    }

    /// So many builds that ended well, each of which owes a mail.
    func owe(_ count: Int) async throws {
        let bytes = [UInt8]((0..<max(attachment, 1)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
        let digest = SHA256.hash(data: bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        for start in stride(from: 0, to: count, by: 64) {
            try await withThrowingTaskGroup { group in
                for number in start..<min(start + 64, count) {
                    group.addTask { try await owe(number, bytes, digest) }
                }
                try await group.waitForAll()
            }
        }
    }

    /// One of the mails as it is sent, for programs to compare with.
    func writeSample() async throws {
        let waiting = try await store.deliveries(matching: OutboxFilter(), before: nil, limit: 1)
        guard let delivery = waiting.first else { return }
        let message = try await composer.message(
            for: delivery, about: try await store.group(of: delivery.build), recipe: recipe)
        var all: [UInt8] = []
        try await message.write { all += $0 }
        try Data(all).write(to: URL(filePath: "\(folder)/sample.eml"))
    }

    private func owe(_ number: Int, _ bytes: [UInt8], _ digest: String) async throws {
        var random = SystemRandomNumberGenerator()
        let now = clock.now()
        let id = BuildID.make(at: now, using: &random)
        let new = NewBuild(
            id: id, recipe: recipe.id, recipeDigest: recipe.digest, provider: "local", inputs: Inputs(values: []),
            address: "reader\(number)@example.net", priority: 0, retention: .seconds(86400), source: "127.0.0.1",
            idempotencyKey: nil)
        let none = AcceptLimits(waiting: nil, perSourcePerHour: nil, perAddressPerHour: nil)
        _ = try await store.accept(new, limits: none, at: now)
        let path = "\(folder)/scratch/\(id)"
        try Data(bytes).write(to: URL(filePath: path))
        try await objects.put(fileAt: path, as: ObjectKey(build: id, name: "image.bin"))
        let artifact = Artifact(
            name: "image.bin", role: .product, contentType: "application/octet-stream", bytes: Int64(bytes.count),
            sha256: digest)
        let attempt = Attempt(number: 1, of: id)
        let run = Run(attempt: attempt, provider: "local", id: "r", url: nil)
        let collected = BuildEvent.collected([artifact], of: attempt, needsVerification: false)
        for event in [.claimed(attempt), .triggered(run), .runSucceeded(of: attempt), collected] as [BuildEvent] {
            _ = try await store.apply(
                event, to: id, policy: BuildPolicy(maxAttempts: 1), lease: nil, at: clock.now())
        }
    }

    private static func recipe(attachment: Int) -> Recipe {
        let limits = RunLimits(
            time: .seconds(60), cpu: .seconds(60), memory: 1 << 30, processes: 64, openFiles: 256, output: 64 << 20,
            log: 1 << 20)
        return Recipe(
            id: RecipeID(unchecked: "bench"), title: "Bench", summary: "A file.", picture: nil, order: 1,
            isOffered: true, fields: [], prepare: nil,
            build: BuildStep(script: "build.sh", uses: [], limits: limits, maxAttempts: 1, maxWait: .seconds(3600)),
            watch: Watch(phases: [], errors: []),
            artifacts: [ArtifactRule(match: "*.bin", contentType: nil, maxBytes: 1 << 30)], verify: nil,
            retention: .seconds(86400),
            mail: MailTexts(
                subjectSuccess: nil, subjectFailure: nil, attach: attachment > 0 ? Int64(attachment) : nil),
            digest: String(repeating: "0", count: 64))
    }
}

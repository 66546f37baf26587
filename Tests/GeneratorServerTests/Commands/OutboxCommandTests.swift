import ArgumentParser
import Domain
import Foundation
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

/// The commands as an operator gives them, on a database that a server made.
struct OutboxCommandTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteStore
    private let build: BuildID

    init() async throws {
        directory = try TemporaryDirectory()
        try "data: {directory: '\(directory.path("data"))'}\n".write(
            toFile: directory.path("kiln.yml"), atomically: false, encoding: .utf8)
        store = try await SQLiteStore.open(path: directory.path("data/kiln.sqlite"), notices: Notices())
        var random = SystemRandomNumberGenerator()
        let now = SystemWallClock().now()
        build = BuildID.make(at: now, using: &random)
        let new = NewBuild(
            id: build, recipe: .sample, recipeDigest: "0", provider: "local", inputs: Inputs(values: []),
            address: "reader@example.net", priority: 0, retention: .seconds(60), source: "127.0.0.1",
            idempotencyKey: nil)
        let none = AcceptLimits(waiting: nil, perSourcePerHour: nil, perAddressPerHour: nil)
        _ = try await store.accept(new, limits: none, at: now)
        _ = try await store.apply(
            .cancelled, to: build, policy: BuildPolicy(maxAttempts: 1), lease: nil, at: now)
    }

    private func command(_ arguments: String...) async -> CommandRun {
        await command(arguments)
    }

    private func command(_ arguments: [String]) async -> CommandRun {
        await CommandRun(["outbox"] + arguments + ["--config", directory.path("kiln.yml")])
    }

    /// - Returns: the exit code.
    private func run(_ arguments: String...) async -> Int32 {
        await command(arguments).code
    }

    private func delivery() async throws -> Delivery {
        try #require(try await store.deliveries(of: build).first)
    }

    @Test func `what waits can be listed, shown, cancelled, and made due again`() async throws {
        let entry = try await delivery().id.text
        #expect(await run() == 0)
        let listed = await command("list", "--status", "waiting", "--address", "Reader@example.net", "--json")
        #expect(listed.code == 0 && listed.errors.isEmpty && listed.output.contains("\"\(entry)\""))
        let none = await command("list", "--status", "bounced")
        #expect(none.code == 0, "an empty list is no fault")
        #expect(none.output == "No such mail.\n")
        #expect(await run("show", entry) == 0)
        #expect(await run("show", entry, "--json") == 0)
        #expect(await run("cancel", entry) == 0)
        #expect(try await delivery().status == .cancelled)
        let late = await command("cancel", entry)
        #expect(late.code == 1 && late.output.isEmpty && late.errors.hasPrefix("kiln outbox: "), "it waits no more")
        #expect(await run("retry", entry) == 0)
        #expect(try await delivery().status == .waiting)
    }

    @Test func `all that was refused can be made due at once`() async throws {
        #expect(await run("retry", "--all-refused") == 0)
        let now = SystemWallClock().now()
        let claimed = try await store.claimDueDeliveries(limit: 1, leaseFor: .seconds(60), pace: MailPace(), at: now)
        let outcome = DeliveryOutcome.refused(reason: "550 no", suppressFor: nil)
        _ = try await store.settle(claimed.map { ($0, outcome, "smtp") }, at: now)
        #expect(try await delivery().status == .refused)
        #expect(await run("retry", "--all-refused") == 0)
        #expect(try await delivery().status == .waiting)
    }

    @Test func `a suppressed address is listed and can be lifted, once`() async throws {
        let now = SystemWallClock().now()
        #expect(await run("suppressed") == 0)
        try await store.suppress(
            Suppression(
                address: "reader@example.net", reason: .asked, words: nil, since: now, until: now + .seconds(60)))
        #expect(await run("suppressed", "--json") == 0)
        #expect(await run("lift", "READER@example.net") == 0)
        #expect(try await store.suppression(of: "reader@example.net", at: now) == nil)
        #expect(await run("lift", "reader@example.net") == 1)
    }

    @Test(arguments: [
        ["retry"], ["retry", "01m7zthh6233nh1k1hqqqe3kjy", "--all-refused"], ["show", "x"], ["lift", "nobody"],
        ["list", "--status", "lost"], ["list", "--build", "x"], ["list", "--limit", "0"], ["cancel"],
    ]) func `what makes no sense is a wrong command line, not a fault`(arguments: [String]) async throws {
        #expect(throws: (any Error).self) { try KilnCommand.parseAsRoot(["outbox"] + arguments) }
        do { _ = try KilnCommand.parseAsRoot(["outbox"] + arguments) } catch {
            #expect(KilnCommand.exitCode(for: error).rawValue == 64)
        }
    }

    @Test func `an entry that is not there, and a database that is not there, are said`() async throws {
        #expect(await run("show", "01m7zthh6233nh1k1hqqqe3kjy") == 1)
        #expect(await run("cancel", "01m7zthh6233nh1k1hqqqe3kjy") == 1)
        try "data: {directory: '\(directory.path("other"))'}\n".write(
            toFile: directory.path("kiln.yml"), atomically: false, encoding: .utf8)
        #expect(await run("list") == 1)
        #expect(!FileManager.default.fileExists(atPath: directory.path("other")), "looking makes nothing")
    }

    @Test func `what servers and requesters wrote cannot move a terminal's cursor (P5)`() async throws {
        var delivery = try await delivery()
        delivery.to = "a\u{1B}[2J@example.net"
        delivery.lastError = "550 \u{9B}31m\u{202E}gone\r\nENTRY"
        let text = OutboxText.table([delivery], at: delivery.createdAt)
        let page = OutboxText.page(delivery, [], nil, at: delivery.createdAt)
        for scalar in (text + page).unicodeScalars where scalar != "\n" {
            #expect(scalar.properties.generalCategory != .control && scalar.properties.generalCategory != .format)
        }
        #expect(text.split(separator: "\n").count == 3)
    }
}

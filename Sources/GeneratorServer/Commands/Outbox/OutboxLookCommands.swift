import ArgumentParser
import Domain
import Storage

/// `kiln outbox list`
struct OutboxListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List mails, the newest first.")

    @OptionGroup var options: OutboxOptions

    @Option(help: "Only of this status, such as waiting, refused or bounced; can be given more than once.")
    var status: [Delivery.Status] = []

    @Option(help: "Only to this address.")
    var address: String?

    @Option(help: "Only about this build.")
    var build: String?

    @Option(help: "At most so many.")
    var limit = 50

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit takes 1 to 100000.") }
        _ = try filter()
    }

    func run() async throws {
        let (filter, limit) = (try filter(), limit)
        let (found, now) = try await OutboxFile.open(options) { store, now throws(StorageError) in
            (try await store.deliveries(matching: filter, before: nil, limit: limit + 1), now)
        }
        let shown = Array(found.prefix(limit))
        if json { return OutboxJSON.print(.array(shown.map { OutboxJSON.json($0) })) }
        guard !shown.isEmpty else {
            CommandOutput.say(
                filter == OutboxFilter() ? "The outbox is empty: no mail was ever owed." : "No such mail.")
            return
        }
        CommandOutput.say(OutboxText.table(shown, at: now))
        if found.count > limit { CommandOutput.say("There are more: --limit shows more than \(limit).") }
    }

    private func filter() throws -> OutboxFilter {
        var filter = OutboxFilter(statuses: Set(status), address: try address.map(OutboxFile.address))
        if let build {
            guard let id = BuildID(build) else {
                throw ValidationError("'\(OutboxText.plain(build))' is no build's id.")
            }
            filter.build = id
        }
        return filter
    }
}

/// `kiln outbox show`
struct OutboxShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one mail and every try to send it.")

    @OptionGroup var options: OutboxOptions

    @Argument(help: "The entry, as `kiln outbox list` prints it.")
    var entry: OutboxEntryID

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let entry = entry
        let found = try await OutboxFile.open(options) { store, now throws(StorageError) -> Found? in
            guard let delivery = try await store.delivery(entry) else { return nil }
            return Found(
                delivery: delivery, tries: try await store.tries(of: entry),
                suppression: try await store.suppression(of: delivery.to, at: now), now: now)
        }
        guard let found else { throw OutboxFile.failure("There is no entry \(entry).") }
        if json { return OutboxJSON.print(OutboxJSON.json(found.delivery, tries: found.tries)) }
        CommandOutput.say(OutboxText.page(found.delivery, found.tries, found.suppression, at: found.now))
    }

    private struct Found {
        var delivery: Delivery
        var tries: [DeliveryTry]
        var suppression: Suppression?
        var now: Timestamp
    }
}

/// `kiln outbox suppressed`
struct OutboxSuppressedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suppressed", abstract: "List the addresses that get nothing, and why.")

    @OptionGroup var options: OutboxOptions

    @Option(help: "At most so many, the newest first.")
    var limit = 1000

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit takes 1 to 100000.") }
    }

    func run() async throws {
        let limit = limit
        let found = try await OutboxFile.open(options) { store, now throws(StorageError) in
            try await store.suppressions(limit: limit, at: now)
        }
        if json { return OutboxJSON.print(.array(found.map { OutboxJSON.json($0) })) }
        CommandOutput.say(
            found.isEmpty
                ? "No address is suppressed: mail goes to all of them."
                : found.map { OutboxText.words($0) }.joined(separator: "\n"))
    }
}

import ArgumentParser
import Domain
import Storage

/// `kiln outbox retry`
struct OutboxRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Make mails due now, for another three days.",
        discussion: """
            Takes mails that wait, were refused, came back or were cancelled. One to a suppressed address is refused again: \
            `kiln outbox lift` comes first.
            """)

    @OptionGroup var options: OutboxOptions

    @Argument(help: "The entries, as `kiln outbox list` prints them.")
    var entries: [OutboxEntryID] = []

    @Flag(help: "All mails that were refused.")
    var allRefused = false

    func validate() throws {
        guard entries.isEmpty == allRefused else {
            throw ValidationError("Give entries or --all-refused, one of the two.")
        }
    }

    func run() async throws {
        let (named, allRefused) = (entries, allRefused)
        let changed = try await OutboxFile.open(options) { store, now throws(StorageError) in
            let entries = allRefused ? try await Self.refused(in: store) : named
            return try await OutboxChange.make(entries) { id throws(StorageError) in
                try await store.retryDelivery(id, at: now)
            }
        }
        if allRefused, changed.done.isEmpty {
            CommandOutput.say("No mail was refused.")
            return
        }
        try changed.report("due now", orElse: "was taken already, is on its way, or is not there")
    }

    private static func refused(in store: SQLiteStore) async throws(StorageError) -> [OutboxEntryID] {
        var all: [OutboxEntryID] = []
        while true {
            let page = try await store.deliveries(
                matching: OutboxFilter(statuses: [.refused]), before: all.last, limit: 500)
            all += page.map(\.id)
            guard page.count == 500 else { return all }
        }
    }
}

/// `kiln outbox cancel`
struct OutboxCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Take mails that wait out of the outbox, unsent.")

    @OptionGroup var options: OutboxOptions

    @Argument(help: "The entries, as `kiln outbox list` prints them.")
    var entries: [OutboxEntryID]

    func run() async throws {
        let entries = entries
        let changed = try await OutboxFile.open(options) { store, now throws(StorageError) in
            try await OutboxChange.make(entries) { id throws(StorageError) in
                try await store.cancelDelivery(id, at: now)
            }
        }
        try changed.report("cancelled", orElse: "does not wait, is on its way, or is not there")
    }
}

/// `kiln outbox lift`
struct OutboxLiftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lift", abstract: "Let a suppressed address have mail again.",
        discussion: "Mails to it that were refused meanwhile stay refused: `kiln outbox retry` sends them.")

    @OptionGroup var options: OutboxOptions

    @Argument(help: "The address.")
    var address: String

    func validate() throws { _ = try OutboxFile.address(address) }

    func run() async throws {
        let address = try OutboxFile.address(address)
        let wasThere = try await OutboxFile.open(options) { store, _ throws(StorageError) in
            try await store.liftSuppression(of: address)
        }
        guard wasThere else { throw OutboxFile.failure("\(OutboxText.plain(address)) is not suppressed.") }
        CommandOutput.say("\(OutboxText.plain(address)) gets mail again.")
    }
}

/// What a command did to several entries.
struct OutboxChange {
    var done: [OutboxEntryID] = []
    var left: [OutboxEntryID] = []

    static func make(
        _ entries: [OutboxEntryID], _ change: (OutboxEntryID) async throws(StorageError) -> Bool
    ) async throws(StorageError) -> OutboxChange {
        var changed = OutboxChange()
        for entry in entries {
            if try await change(entry) { changed.done.append(entry) } else { changed.left.append(entry) }
        }
        return changed
    }

    /// - Throws: `ExitCode` if something was left as it was.
    func report(_ words: String, orElse why: String) throws {
        for entry in done { CommandOutput.say("\(entry): \(words)") }
        guard !left.isEmpty else { return }
        for entry in left { _ = OutboxFile.failure("\(entry) is left as it is: it \(why).") }
        throw ExitCode.failure
    }
}

import ArgumentParser

/// `kiln outbox`: the mails that are owed, and what became of those that were sent.
struct OutboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox", abstract: "Look at the mails that are owed, and say what is to become of them.",
        discussion: """
            Works beside a running server, which notices what was changed here within five seconds. Ends with 0 if what \
            was asked for was done, with 1 if there was nothing to do it to, with 78 if the configuration is wrong.
            """,
        subcommands: [
            OutboxListCommand.self, OutboxShowCommand.self, OutboxRetryCommand.self, OutboxCancelCommand.self,
            OutboxSuppressedCommand.self, OutboxLiftCommand.self,
        ],
        defaultSubcommand: OutboxListCommand.self)
}

/// What every command of `kiln outbox` takes.
struct OutboxOptions: ParsableArguments {
    @Option(help: "The configuration file; kiln.yml if it is there.")
    var config: String?
}

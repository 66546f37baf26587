import ArgumentParser

/// `kiln keys`: the keys that products are signed with.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Look at the keys that apps are signed with, back them up, move them here.",
        discussion: """
            Works beside a running server. Ends with 0 if what was asked for was done, with 1 if it could not be done, \
            with 78 if the configuration is wrong. Whoever has an exported key and its password can sign updates of the \
            app: keep it as you keep the database's backups, or better.
            """,
        subcommands: [
            KeysListCommand.self, KeysShowCommand.self, KeysExportCommand.self, KeysImportCommand.self,
            KeysRotateCommand.self, KeysRemoveCommand.self,
        ],
        defaultSubcommand: KeysListCommand.self)
}

/// What every command of `kiln keys` takes.
struct KeysOptions: ParsableArguments {
    @Option(help: "The configuration file; kiln.yml if it is there.")
    var config: String?
}

/// Which of the keys is meant.
struct KeyChoice: ParsableArguments {
    @Argument(help: "The package, such as org.example.event.name.")
    var package: String

    @Option(help: "The recipe, where several have a key for the package.")
    var recipe: String?
}

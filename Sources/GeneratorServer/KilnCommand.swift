import ArgumentParser

@main
struct KilnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kiln", abstract: "Builds on demand: a form in, an image out, a mail when it is done.",
        subcommands: [
            ServeCommand.self, CheckCommand.self, PrepareCommand.self, DoctorCommand.self, BuildCommand.self,
            OutboxCommand.self, KeysCommand.self, MailCommand.self, BounceCommand.self, HelpConfigurationCommand.self,
            HelpRecipeCommand.self, SuperviseCommand.self,
        ])
}

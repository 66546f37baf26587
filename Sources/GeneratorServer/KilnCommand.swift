import ArgumentParser

@main
struct KilnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kiln", subcommands: [CheckCommand.self, HelpConfigurationCommand.self, HelpRecipeCommand.self])
}

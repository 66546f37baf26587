import ArgumentParser

/// `kiln help-configuration`: every key of the configuration.
struct HelpConfigurationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "help-configuration", abstract: "Explain every key of the configuration.")

    @Flag(help: "Print a kiln.yml with every key and its default, commented out.")
    var example = false

    func run() throws {
        print(example ? ConfigurationGuide.example() : ConfigurationGuide.markdown(), terminator: "")
    }
}

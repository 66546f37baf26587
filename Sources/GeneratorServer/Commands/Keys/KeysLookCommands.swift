import ArgumentParser
import BuildRunner

/// `kiln keys list`
struct KeysListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the keys.")

    @OptionGroup var options: KeysOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let keys = try await KeyDesk.open(options) { desk in try await desk.all() }
        if json { return OutboxJSON.print(.array(keys.map(KeyText.json))) }
        CommandOutput.say(
            keys.isEmpty ? "There are no keys: one is made when a package is signed first." : KeyText.list(keys))
    }
}

/// `kiln keys show`
struct KeysShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one key, and whether it can be opened.")

    @OptionGroup var options: KeysOptions

    @OptionGroup var choice: KeyChoice

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let choice = choice
        let key = try await KeyDesk.open(options) { desk in
            let key = try await desk.key(choice)
            _ = try await desk.signer.opened(key)
            return key
        }
        if json { return OutboxJSON.print(KeyText.json(key)) }
        CommandOutput.say(KeyText.page(key))
    }
}

import ArgumentParser
import Configuration
import Hummingbird

@main
struct KilnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "kiln")
}

import ArgumentParser
import Sandbox

/// `kiln supervise`: looks after one local run, apart from the server, so that the run outlives it. Started by Kiln itself.
struct SuperviseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "supervise", abstract: "Look after one run (started by kiln serve).", shouldDisplay: false)

    @Argument(help: "The run's folder.")
    var directory: String

    func run() async throws {
        let code = await SupervisorMain.run(directory: directory)
        if code != 0 { throw ExitCode(code) }
    }
}

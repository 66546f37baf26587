import Domain
import ArgumentParser
import Curl
import Foundation

/// `kiln build`: a build from the command line, at a running server.
struct BuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Ask a running Kiln for a build, and wait for it.",
        discussion: """
            Example:
              kiln build meilix-mini --set name=Aurora --set email=me@example.org \\
                --file wallpaper=sky.png --wait --output images

            Of a recipe with several targets each has a folder of its own below the output's.

            Progress goes to standard error, results to standard output.

            Ends with 0 if it was built (without --wait: accepted), 1 if the build failed, 2 if what was asked for \
            was refused, 3 if the server could not be reached or is too busy, 4 if the build was cancelled or expired, \
            5 if a download was damaged or could not be written.
            """)

    @Argument(help: "The recipe's id.")
    var recipe: String

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A field's value; again for more fields, or more choices.", valueName: "name=value"))
    var values: [String] = []

    @Option(name: .customLong("file"), help: ArgumentHelp("A file for a field.", valueName: "name=path"))
    var files: [String] = []

    @Option(help: "The server's address; KILN_SERVER, or http://localhost:8080, without it.")
    var server: String?

    @Flag(help: "Build anew, even where an identical build's result could be given out.")
    var fresh = false

    @Flag(help: "Wait until the build has ended.")
    var wait = false

    @Option(help: "Download what was built into this folder (implies --wait).")
    var output: String?

    @Flag(help: "Print the build as JSON on standard output, and nothing else there.")
    var json = false

    func validate() throws {
        for pair in values + files where pair.firstIndex(of: "=") == nil {
            throw ValidationError("'\(pair)' is not of the form name=value.")
        }
        for (field, path) in Self.pairs(files) where !FileManager.default.isReadableFile(atPath: path) {
            throw ValidationError("The file for '\(field)' cannot be read: \(path)")
        }
    }

    func run() async throws {
        let address = server ?? ProcessInfo.processInfo.environment["KILN_SERVER"] ?? "http://localhost:8080"
        let client = ServerClient(address: address)
        let line = ProgressLine()
        do {
            let accepted = try await submit(client, line)
            line.say("Accepted: \(accepted.links.page ?? accepted.id)")
            guard wait || output != nil else {
                print(json ? try await client.text(accepted.id) : accepted.id)
                return
            }
            try await finish(try await follow(accepted, client, line), client, line)
        } catch let failure as ClientFailure {
            throw Self.explain(failure, address, line)
        }
    }

    private func submit(_ client: ServerClient, _ line: ProgressLine) async throws(ClientFailure) -> RemoteBuild {
        let key =
            String(UInt64.random(in: 0...UInt64.max), radix: 16) + String(UInt64.random(in: 0...UInt64.max), radix: 16)
        line.show("Sending", percent: nil)
        return try await client.submit(
            recipe: recipe, values: Self.pairs(values), files: Self.pairs(files), key: key, isFresh: fresh,
            progress: { _, _ in })
    }

    /// Asks until it has ended. A server that is away for a while is waited for: the build goes on without it.
    private func follow(
        _ accepted: RemoteBuild, _ client: ServerClient, _ line: ProgressLine
    ) async throws -> RemoteBuild {
        let watch = BuildWatch(accepted)
        while !watch.build.hasEnded {
            line.show(watch.build)
            try await Task.sleep(for: watch.pause)
            let answer = await Self.ask(client, watch.build.id)
            if let problem = try watch.take(answer) { line.show(problem, percent: nil) }
        }
        return watch.build
    }

    private static func ask(_ client: ServerClient, _ id: String) async -> Result<RemoteBuild, ClientFailure> {
        do { return .success(try await client.build(id)) } catch { return .failure(error) }
    }

    private static func explain(_ failure: ClientFailure, _ address: String, _ line: ProgressLine) -> ExitCode {
        switch failure {
        case .fields(let errors):
            for error in errors { line.say("\(error.field): \(error.message)") }
            return ExitCode(2)
        case .answer(let status, let detail):
            line.say(status == 404 ? "Not there: \(detail)" : detail)
            return ExitCode(status >= 500 ? 3 : 2)
        case .busy(let detail, let after):
            line.say(detail + (after.map { " Try again in \($0) seconds." } ?? ""))
            return ExitCode(3)
        case .connection(let reason):
            line.say(
                "No answer from \(address): \(words(reason)). Is `kiln serve` running there? Say where with --server.")
            return ExitCode(3)
        case .damaged(let name):
            line.say("\(name) came damaged: its SHA-256 is not the one that the server names. It was not kept.")
            return ExitCode(5)
        case .output(let problem):
            line.say(problem)
            return ExitCode(5)
        }
    }

    private static func words(_ failure: HTTPFailure) -> String {
        switch failure {
        case .badRequest(let words), .unreachable(let words), .interrupted(let words): words
        case .timedOut: "it took too long"
        case .stopped: "stopped"
        case .tooLarge: "the answer is too large"
        case .forbiddenAddress(let words), .file(let words): words
        }
    }

    private static func pairs(_ texts: [String]) -> [(String, String)] {
        texts.compactMap { text in
            text.firstIndex(of: "=").map { (String(text[..<$0]), String(text[text.index(after: $0)...])) }
        }
    }
}

/// What is known of a build that is waited for, and how patient to be with a server that does not answer.
///
/// A class, and no variable of the waiting loop: Swift 6.3.1 does not end (in its StackNesting pass) on a variable that
/// is assigned in a `do` with typed catches inside an `await`ing loop (2026-11).
private final class BuildWatch {
    private(set) var build: RemoteBuild
    private var unanswered = 0
    /// Five minutes of silence are too many.
    private static let patience = 150

    init(_ build: RemoteBuild) {
        self.build = build
    }

    var pause: Duration { unanswered == 0 ? .milliseconds(400) : .seconds(2) }

    /// Returns what to tell while the server is away; throws what no patience mends.
    func take(_ answer: Result<RemoteBuild, ClientFailure>) throws(ClientFailure) -> String? {
        switch answer {
        case .success(let newer):
            build = newer
            unanswered = 0
            return nil
        case .failure(let failure):
            unanswered += 1
            guard failure.isPassing, unanswered < Self.patience else { throw failure }
            return "The server does not answer; trying again"
        }
    }
}

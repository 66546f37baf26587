import Foundation
import TestSupport
import Testing

/// GitHub Actions as `Tests/Servers/actions` plays it: its steps are done for real. Ends with its value.
final class ActionsHost: Sendable {
    let url: String
    private let folder: TemporaryDirectory
    private let process: Process

    /// What `kiln serve` needs to build here.
    static let settings = ["KILN_SECRET_ACTIONS": "s3cret-t0ken"]

    /// - Parameters:
    ///   - workflow: the job file's path.
    ///   - repository: what is checked out.
    ///   - leftOut: names of steps that are not done.
    init(_ workflow: String, repository: String, leaving leftOut: [String]) async throws {
        folder = try TemporaryDirectory()
        process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments =
            ["\(KilnServer.root)/Tests/Servers/actions/run.py", workflow, repository, folder.path("runs")]
            + leftOut.flatMap { ["--leave-out", $0] }
        let words = folder.path("words")
        _ = FileManager.default.createFile(atPath: words, contents: nil)
        process.standardInput = Pipe()
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: words))
        try process.run()
        struct Said: Decodable { var url: String }
        let said = try await until("the runner starts") {
            let text = FileManager.default.contents(atPath: words) ?? Data()
            return text.last == UInt8(ascii: "\n") ? text : nil
        }
        url = try JSONDecoder().decode(Said.self, from: said).url
    }

    deinit { process.terminate() }
}

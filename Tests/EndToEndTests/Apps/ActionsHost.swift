import Foundation
import TestSupport
import Testing

/// GitHub Actions as `Tests/Servers/actions` plays it: its steps are done for real. Ends with its value.
final class ActionsHost: Sendable {
    let url: String
    private let folder: TemporaryDirectory
    private let process: PipedProcess

    /// What `kiln serve` needs to build here.
    static let settings = ["KILN_SECRET_ACTIONS": "s3cret-t0ken"]

    /// - Parameters:
    ///   - workflow: the job file's path.
    ///   - repository: what is checked out.
    ///   - leftOut: names of steps that are not done.
    init(_ workflow: String, repository: String, leaving leftOut: [String]) async throws {
        folder = try TemporaryDirectory()
        process = try PipedProcess(
            [
                "/usr/bin/python3", "\(KilnServer.root)/Tests/Servers/actions/run.py", workflow, repository,
                folder.path("runs"),
            ] + leftOut.flatMap { ["--leave-out", $0] })
        struct Said: Decodable { var url: String }
        url = try JSONDecoder().decode(Said.self, from: Data(try await process.line().utf8)).url
    }
}

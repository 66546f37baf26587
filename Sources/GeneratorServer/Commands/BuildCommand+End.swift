import ArgumentParser
import Domain
import Foundation

extension BuildCommand {
    /// Shows how a build, or each of a submission's, ended, brings the files home, and ends the program as it went.
    func finish(_ build: RemoteBuild, _ client: ServerClient, _ line: ProgressLine) async throws {
        if json { print(try await client.text(build.id)) }
        var code: Int32 = 0
        for target in build.targets ?? [] {
            let one = target.id == build.id ? build : try await client.build(target.id)
            let worse = try await finish(one, named: one.target, client, line)
            if code == 0 || worse == 1 { code = worse }
        }
        if build.targets == nil { code = try await finish(build, named: nil, client, line) }
        if code != 0 { throw ExitCode(code) }
    }

    private func finish(
        _ build: RemoteBuild, named target: String?, _ client: ServerClient, _ line: ProgressLine
    ) async throws -> Int32 {
        let which = target.map { "\($0): " } ?? ""
        switch build.state {
        case "succeeded":
            for artifact in build.artifacts { try await bring(artifact, of: target, client, line) }
            line.say("\(which)Built.")
            return 0
        case "failed":
            line.say("\(which)Failed (\(build.failure?.kind ?? "unknown")): \(build.failure?.message ?? "")")
            if let log = build.failure?.log_url { line.say("The log: \(log)") }
            return 1
        default:
            line.say("\(which)The build was \(build.state).")
            return 4
        }
    }

    private func bring(
        _ artifact: RemoteBuild.Artifact, of target: String?, _ client: ServerClient, _ line: ProgressLine
    ) async throws {
        guard let output else {
            if !json { print(artifact.url) }
            return
        }
        var folder = URL(fileURLWithPath: output, isDirectory: true)
        // Targets may leave files of one name. Their own comes from a server: it must not lead out of the folder.
        if let target { folder.append(path: URL(fileURLWithPath: "/" + target).lastPathComponent) }
        line.show("Downloading \(artifact.name)", percent: nil)
        let file = try await client.download(artifact, into: folder)
        line.say("\(artifact.name): \(artifact.bytes.sizeText), SHA-256 checked")
        if !json { print(file.path) }
    }
}

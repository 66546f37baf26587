import Crypto
import Foundation
import TestSupport
import Testing

/// What tests ask of a server again and again.
extension KilnServer {
    /// Submits as a program does.
    /// - Returns: the accepted build's id.
    func submit(_ form: Form, to recipe: String = "quick") async throws -> String {
        let answer = try await http.post("/recipes/\(recipe)/builds", form)
        try #require(answer.status == 202, "\(answer.status) \(answer.text)")
        return try JSONDecoder().decode(RemoteBuild.self, from: Data(answer.body)).id
    }

    func build(_ id: String) async throws -> RemoteBuild {
        let answer = try await http.get("/api/v1/builds/\(id)")
        try #require(answer.status == 200, "\(answer.status) \(answer.text)")
        return try JSONDecoder().decode(RemoteBuild.self, from: Data(answer.body))
    }

    /// Waits until a build has ended and its mail is out.
    func told(_ id: String, within limit: Duration = .seconds(120)) async throws -> RemoteBuild {
        var last: RemoteBuild?
        return try await until("build \(id) ends and its mail is out: \(last.map { "\($0)" } ?? "")", within: limit) {
            let build = try await build(id)
            last = build
            return build.isTold ? build : nil
        }
    }

    /// Downloads an artifact and compares what came with what was said (P9).
    func download(_ artifact: RemoteBuild.Artifact) async throws -> [UInt8] {
        let path = try #require(URL(string: artifact.url)?.path)
        let answer = try await http.get(path, patience: 60)
        try #require(answer.status == 200)
        #expect(answer.body.count == artifact.bytes)
        #expect(sha256(answer.body) == artifact.sha256)
        return answer.body
    }

    /// Rows of a question to the database, asked by another program than Kiln.
    func rows(_ question: String) async throws -> [[String]] {
        let answer = try await run(
            "sqlite3", "-batch", "-noheader", "-separator", "\t", "-cmd", ".timeout 10000",
            folder.path("data") + "/kiln.sqlite", question)
        try #require(answer.code == 0, "\(answer.text)")
        return answer.text.split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }

    /// The most memory that it has had since it was started, in bytes.
    func peakMemory() throws -> Int {
        let id = try #require(processID)
        let status = try String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) }) * 1024
    }

    /// How often a build's run was started: by the records, and by what the run itself wrote.
    func expectOneRunAndOneMail(_ id: String) async throws {
        let runs = try await rows("SELECT count(*) FROM runs WHERE build = '\(id)'")
        #expect(runs == [["1"]], "P3: one run of \(id)")
        let log = try await http.get("/builds/\(id)/log").text
        #expect(log.components(separatedBy: "run starts").count == 2, "P3: the log shows one start: \(log)")
        #expect(mail.messages(about: id).count == 1, "P2: one mail for \(id)")
    }
}

func sha256(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

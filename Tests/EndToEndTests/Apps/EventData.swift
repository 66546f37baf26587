import Foundation
import TestSupport
import Testing

/// The events of `Tests/Events`.
enum EventData {
    static let folder = "\(KilnServer.root)/Tests/Events"

    /// - Parameters:
    ///   - what: as `make.py` takes it: `small`, `bad:event-missing`, `name:Bread & Butter`.
    static func zip(_ what: String, _ options: String...) async throws -> [UInt8] {
        let out = try TemporaryDirectory()
        let answer = try await run("python3", ["\(folder)/make.py", what, out.path("event.zip")] + options)
        try #require(answer.code == 0, "\(answer.text)")
        return [UInt8](try #require(FileManager.default.contents(atPath: out.path("event.zip"))))
    }

    /// What a bad upload's answer has to say, and the names that are hard.
    struct Expectations: Decodable, Sendable {
        var bad: [String: [String]]
        var names: [String: String]
    }

    static func expectations() async throws -> Expectations {
        try JSONDecoder().decode(Expectations.self, from: Data(try await zip("expectations")))
    }

    static func form(_ data: [UInt8]? = nil, _ values: [(String, String)] = []) -> Form {
        var form = Form([("email", "ada@example.org")] + values)
        if let data { form.add("data", file: "event.zip", type: "application/zip", data) }
        return form
    }
}

/// An event's API on loopback, of `Tests/Events/make.py serve`; ends with its value.
final class EventAPI: Sendable {
    let url: String
    private let process: Process
    private let output: TemporaryDirectory

    /// - Parameter faults: `/sessions=hang` and the like.
    init(_ set: String, faults: [String] = []) async throws {
        output = try TemporaryDirectory()
        process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["\(EventData.folder)/make.py", "serve", set] + faults.flatMap { ["--fault", $0] }
        let words = output.path("words")
        _ = FileManager.default.createFile(atPath: words, contents: nil)
        process.standardInput = Pipe()
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: words))
        try process.run()
        url = try await until("the event's API starts") {
            let said = String(decoding: FileManager.default.contents(atPath: words) ?? Data(), as: UTF8.self)
            return said.hasSuffix("\n") ? said.trimmingCharacters(in: .whitespacesAndNewlines) : nil
        }
    }

    deinit { process.terminate() }
}

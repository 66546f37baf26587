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
    private let process: PipedProcess

    /// - Parameter faults: `/sessions=hang` and the like.
    init(_ set: String, faults: [String] = []) async throws {
        process = try PipedProcess(
            ["/usr/bin/python3", "\(EventData.folder)/make.py", "serve", set] + faults.flatMap { ["--fault", $0] })
        url = try await process.line()
    }
}

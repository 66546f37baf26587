import Foundation
import Testing

/// A message as Python's `email` reads it, see `Tests/Servers/mailhost/read.py`.
struct ReadMail: Decodable, Sendable {
    struct Part: Decodable, Sendable {
        var type: String
        var charset: String?
        var disposition: String?
        var filename: String?
        var content_id: String?
        var encoding: String?
        var bytes: Int
        var sha256: String
        /// Of a text.
        var text: String?
        /// The first bytes of anything else, as base64.
        var data: String?

        var contents: [UInt8] { data.flatMap { Data(base64Encoded: $0) }.map(Array.init) ?? Array((text ?? "").utf8) }
    }

    /// Decoded, and as they came.
    private var headers: [[String]]
    private var raw_headers: [[String]]
    var parts: [Part]
    /// What is wrong with it; empty for a good message.
    var faults: [String]
    var size: Int
    /// The types of the parts as they lie in each other, in brackets.
    var structure: String

    /// - Parameter arguments: of `read.py`.
    static func read(_ arguments: [String]) async throws -> [ReadMail] {
        let program = "\(KilnServer.root)/Tests/Servers/mailhost/read.py"
        let answer = try await run("python3", [program] + arguments)
        try #require(answer.code == 0, "\(answer.text)")
        return try JSONDecoder().decode([ReadMail].self, from: Data(answer.text.utf8))
    }

    /// All of a name's, decoded.
    func headers(_ name: String) -> [String] {
        headers.filter { $0[0].lowercased() == name.lowercased() }.map { $0[1] }
    }

    /// The only one of its name; `nil` for none and for several.
    func header(_ name: String) -> String? {
        let all = headers(name)
        return all.count == 1 ? all[0] : nil
    }

    /// As they were sent, encoded words and all.
    func rawHeader(_ name: String) -> String? {
        raw_headers.first { $0[0].lowercased() == name.lowercased() }?[1]
    }

    /// In lower case.
    var headerNames: [String] { headers.map { $0[0].lowercased() } }
    var subject: String { header("Subject") ?? "" }

    var plain: String { text(of: "text/plain") }
    var html: String { text(of: "text/html") }

    private func text(of type: String) -> String {
        parts.first { $0.type == type && $0.disposition != "attachment" }?.text ?? ""
    }

    func attachment(_ name: String) -> Part? {
        parts.first { $0.disposition == "attachment" && $0.filename == name }
    }

    var attachments: [Part] { parts.filter { $0.disposition == "attachment" } }

    /// The addresses on this server's pages that its text names.
    var links: [String] {
        plain.components(separatedBy: .whitespacesAndNewlines)
            .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "<>()[]")) }
            .filter { $0.hasPrefix("http://") || $0.hasPrefix("https://") }
    }
}

import Domain
import Crypto
import Curl
import Foundation
import NIOConcurrencyHelpers

/// A running Kiln, as the command line talks to it.
struct ServerClient: Sendable {
    /// Without a slash at the end.
    let address: String
    private let http = HTTPTransfers(TransferSettings(userAgent: "kiln-build"))

    init(address: String) {
        self.address = address.hasSuffix("/") ? String(address.dropLast()) : address
    }

    /// Sends a submission. The key makes it one build, however often it has to be sent.
    func submit(
        recipe: String, values: [(String, String)], files: [(String, String)], key: String, isFresh: Bool = false,
        progress: @escaping @Sendable (_ sent: Int64, _ total: Int64) -> Void
    ) async throws(ClientFailure) -> RemoteBuild {
        let parts =
            values.map { HTTPRequest.FormPart(name: $0.0, content: .text($0.1)) }
            + files.map { field, path in
                HTTPRequest.FormPart(
                    name: field,
                    content: .file(path: path, name: URL(fileURLWithPath: path).lastPathComponent))
            }
        let request = HTTPRequest(
            .post, "\(address)/api/v1/recipes/\(Self.escaped(recipe))/builds\(isFresh ? "?fresh=1" : "")",
            headers: [("Accept", "application/json"), ("Idempotency-Key", key)], body: .form(parts))
        return try await build(request, progress: progress)
    }

    func build(_ id: String) async throws(ClientFailure) -> RemoteBuild {
        let request = HTTPRequest(
            .get, "\(address)/api/v1/builds/\(Self.escaped(id))", headers: [("Accept", "application/json")],
            timeLimit: .seconds(30))
        return try await build(request)
    }

    /// The build's JSON as the server wrote it.
    func text(_ id: String) async throws(ClientFailure) -> String {
        let request = HTTPRequest(
            .get, "\(address)/api/v1/builds/\(Self.escaped(id))", headers: [("Accept", "application/json")],
            timeLimit: .seconds(30))
        return String(decoding: try await body(request), as: UTF8.self)
    }

    /// Downloads an artifact beside its place, compares its SHA-256 (P9), and only then gives it its name.
    func download(_ artifact: RemoteBuild.Artifact, into directory: URL) async throws(ClientFailure) -> URL {
        // The name comes from a server: it must not lead out of the folder.
        let name = URL(fileURLWithPath: "/" + artifact.name).lastPathComponent
        let target = directory.appending(path: name)
        let partial = directory.appending(path: ".\(name).part")
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            try Data().write(to: partial)
        } catch {
            throw .output("\(directory.path) cannot be written: \(error.localizedDescription)")
        }
        defer { try? FileManager.default.removeItem(at: partial) }
        let writer: DownloadWriter
        do { writer = try DownloadWriter(partial) } catch { throw .output("\(error.localizedDescription)") }
        let request = HTTPRequest(.get, artifact.url)
        let response: HTTPAnswer
        do {
            response = try await http.stream(request) { status, bytes in status != 200 || writer.append(bytes) }
        } catch {
            throw writer.hasFailed
                ? .output("\(partial.path) cannot be written; is the disk full?") : .connection(error)
        }
        guard response.status == 200 else { throw .answer(response.status, "The download was refused.") }
        guard writer.finish() == artifact.sha256 else { throw .damaged(artifact.name) }
        do {
            _ = try? FileManager.default.removeItem(at: target)
            try FileManager.default.moveItem(at: partial, to: target)
        } catch {
            throw .output("\(target.path) cannot be written: \(error.localizedDescription)")
        }
        return target
    }

    private func build(
        _ request: HTTPRequest, progress: (@Sendable (Int64, Int64) -> Void)? = nil
    ) async throws(ClientFailure) -> RemoteBuild {
        let bytes = try await body(request, progress: progress)
        do {
            return try JSONDecoder().decode(RemoteBuild.self, from: Data(bytes))
        } catch {
            throw .answer(200, "What answers at \(address) is not a Kiln.")
        }
    }

    private func body(
        _ request: HTTPRequest, progress: (@Sendable (Int64, Int64) -> Void)? = nil
    ) async throws(ClientFailure) -> [UInt8] {
        let response: HTTPAnswer
        do { response = try await http.send(request, progress: progress) } catch { throw .connection(error) }
        if (200..<300).contains(response.status) { return response.body }
        let problem = try? JSONDecoder().decode(RemoteProblem.self, from: Data(response.body))
        if let errors = problem?.errors, !errors.isEmpty { throw .fields(errors) }
        if response.status == 429 || response.status == 503 {
            throw .busy(
                problem?.detail ?? "The server is busy.", after: response.headers["retry-after"].flatMap { Int($0) })
        }
        throw .answer(response.status, problem?.detail ?? problem?.title ?? "The server did not say why.")
    }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~")))
            ?? ""
    }
}

/// Why the command line did not get what it asked for.
enum ClientFailure: Error, Sendable {
    case connection(HTTPFailure)
    /// What is wrong with the values, field by field.
    case fields([RemoteProblem.FieldError])
    case busy(String, after: Int?)
    case answer(Int, String)
    /// The bytes that came are not those that the server has.
    case damaged(String)
    case output(String)

    /// Whether asking again later may help.
    var isPassing: Bool {
        switch self {
        case .connection, .busy: true
        case .fields, .answer, .damaged, .output: false
        }
    }
}

/// Writes and hashes what is downloaded.
private final class DownloadWriter: Sendable {
    private struct State {
        var hash = SHA256()
        var failed = false
    }

    private let state = NIOLockedValueBox(State())
    private let file: FileHandle

    init(_ url: URL) throws {
        file = try FileHandle(forWritingTo: url)
    }

    var hasFailed: Bool { state.withLockedValue { $0.failed } }

    func append(_ bytes: [UInt8]) -> Bool {
        state.withLockedValue { state in
            state.hash.update(data: bytes)
            do { try file.write(contentsOf: bytes) } catch { state.failed = true }
            return !state.failed
        }
    }

    /// The SHA-256 of everything, in lower-case hex.
    func finish() -> String {
        try? file.close()
        return state.withLockedValue { $0.hash.finalize() }.hexText
    }
}

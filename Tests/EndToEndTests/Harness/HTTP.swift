import Foundation
import TestSupport

/// An answer as it came.
struct Answer: Sendable {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    func json() throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] ?? [:]
    }

    /// Of a problem: each wrong field and what is said about it.
    var faults: [String: String] {
        let errors = (try? json()["errors"] as? [[String: Any]]) ?? []
        return Dictionary(
            errors.map { ("\($0["field"] ?? "")", "\($0["code"] ?? ""): \($0["message"] ?? "")") },
            uniquingKeysWith: { $0 + "; " + $1 })
    }

    /// The last answer in a stream that its end closes; a 100 may stand before it.
    init(parsing bytes: [UInt8]) throws {
        let separator = Array("\r\n\r\n".utf8)
        guard let head = bytes.firstRange(of: separator) else {
            throw RawConnection.Failure.badAnswer(String(decoding: bytes.prefix(500), as: UTF8.self))
        }
        let lines = String(decoding: bytes[..<head.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        guard let status = lines[0].split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw RawConnection.Failure.badAnswer(lines[0])
        }
        let rest = Array(bytes[head.upperBound...])
        if status == 100 {
            self = try Answer(parsing: rest)
        } else {
            try self.init(status: status, lines: lines.dropFirst(), body: rest)
        }
    }

    private init(status: Int, lines: ArraySlice<String>, body: [UInt8]) throws {
        self.status = status
        var headers: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        self.headers = headers
        self.body = headers["transfer-encoding"] == "chunked" ? try Self.unchunked(body) : body
        if let length = headers["content-length"].flatMap({ Int($0) }), self.body.count > length {
            self.body.removeLast(self.body.count - length)
        }
    }

    private static func unchunked(_ bytes: [UInt8]) throws -> [UInt8] {
        var whole: [UInt8] = []
        var rest = bytes[...]
        while let end = rest.firstRange(of: [13, 10]) {
            guard let size = Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self), radix: 16) else {
                throw RawConnection.Failure.badAnswer("chunk size")
            }
            if size == 0 { return whole }
            guard rest.endIndex - end.upperBound >= size + 2 else { break }
            whole += rest[end.upperBound..<end.upperBound + size]
            rest = rest[(end.upperBound + size + 2)...]
        }
        throw RawConnection.Failure.badAnswer("cut short after \(whole.count) bytes")
    }
}

/// A client that sends exactly what a test says, one request a connection.
struct HTTP: Sendable {
    let port: Int

    func get(_ path: String, _ headers: [String: String] = [:], patience: Double = 60) async throws -> Answer {
        try await send("GET", path, headers, body: [], patience: patience)
    }

    func post(
        _ path: String, _ form: Form = Form(), _ headers: [String: String] = ["Accept": "application/json"],
        patience: Double = 60
    ) async throws -> Answer {
        let body = form.bytes
        let all = headers.merging([
            "Content-Type": form.contentType, "Content-Length": "\(body.count)",
        ]) { given, _ in given }
        return try await send("POST", path, all, body: body, patience: patience)
    }

    func send(
        _ method: String, _ path: String, _ headers: [String: String], body: [UInt8], patience: Double = 60
    ) async throws -> Answer {
        let connection = try RawConnection(port: port, patience: patience)
        try await connection.send(head(method, path, headers))
        // A server that says no early does not read the rest: what counts is its answer.
        if !body.isEmpty { try? await connection.send(body) }
        return try await Answer(parsing: connection.receiveAll())
    }

    func head(_ method: String, _ path: String, _ headers: [String: String]) -> String {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close"]
        lines += headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }
}

/// A filled-in form as `multipart/form-data`.
struct Form: Sendable {
    private var parts: [UInt8] = []
    let boundary = "form-\(UUID().uuidString)"

    init(_ values: [(String, String)] = []) {
        for (name, value) in values { add(name, value) }
    }

    var contentType: String { "multipart/form-data; boundary=\(boundary)" }
    var bytes: [UInt8] { parts + Array("--\(boundary)--\r\n".utf8) }

    mutating func add(_ name: String, _ value: String) {
        parts += Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
    }

    mutating func add(_ name: String, file: String, type: String = "application/octet-stream", _ contents: [UInt8]) {
        let head = "form-data; name=\"\(name)\"; filename=\"\(file)\"\r\nContent-Type: \(type)"
        parts += Array("--\(boundary)\r\nContent-Disposition: \(head)\r\n\r\n".utf8) + contents + [13, 10]
    }

    func with(_ name: String, file: String, _ contents: [UInt8]) -> Form {
        var form = self
        form.add(name, file: file, contents)
        return form
    }
}

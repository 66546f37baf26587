/// A plain HTTP client for tests: one connection for each request.
package struct TestClient: Sendable {
    package struct Answer: Sendable {
        package var status: Int
        package var headers: [(name: String, value: String)]
        package var body: [UInt8]

        package var text: String { String(decoding: body, as: UTF8.self) }

        /// The first field of that name, in any case.
        package subscript(name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    package let port: Int

    package init(port: Int) {
        self.port = port
    }

    package func get(_ path: String, _ headers: KeyValuePairs<String, String> = [:]) async throws -> Answer {
        try await send("GET", path, headers)
    }

    package func post(
        _ path: String, _ headers: KeyValuePairs<String, String> = [:], body: [UInt8] = []
    ) async throws -> Answer {
        try await send("POST", path, headers, body: body)
    }

    package func send(
        _ method: String, _ path: String, _ headers: KeyValuePairs<String, String> = [:], body: [UInt8] = []
    ) async throws -> Answer {
        let connection = try RawConnection(port: port)
        var head = "\(method) \(path) HTTP/1.1\r\nConnection: close\r\n"
        if !headers.contains(where: { $0.key == "Host" }) { head += "Host: 127.0.0.1:\(port)\r\n" }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if !body.isEmpty || method == "POST" { head += "Content-Length: \(body.count)\r\n" }
        try await connection.send(Array((head + "\r\n").utf8) + body)
        return try Answer(parsing: try await connection.receiveAll(), isHead: method == "HEAD")
    }

    /// A `multipart/form-data` body and its Content-Type.
    package static func form(
        _ fields: [(String, String)], files: [(name: String, file: String, bytes: [UInt8])] = []
    ) -> (type: String, body: [UInt8]) {
        let boundary = "kiln-test-boundary"
        var body: [UInt8] = []
        for (name, value) in fields {
            body += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8
        }
        for file in files {
            body += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(file.name)\"; ".utf8
            body += "filename=\"\(file.file)\"\r\nContent-Type: application/octet-stream\r\n\r\n".utf8
            body += file.bytes + Array("\r\n".utf8)
        }
        body += "--\(boundary)--\r\n".utf8
        return ("multipart/form-data; boundary=\(boundary)", body)
    }
}

extension TestClient.Answer {
    /// Reads one answer, after which the connection was closed.
    package init(parsing bytes: [UInt8], isHead: Bool = false) throws {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
            throw RawConnection.Failure.badAnswer(String(decoding: bytes.prefix(500), as: UTF8.self))
        }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count >= 2, let status = Int(words[1]) else {
            throw RawConnection.Failure.badAnswer(String(lines[0]))
        }
        self.status = status
        headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (String(parts[0]), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
        }
        body = Array(bytes[end.upperBound...])
        if self["Transfer-Encoding"] == "chunked", !isHead { body = try Self.dechunked(body) }
    }

    private static func dechunked(_ bytes: [UInt8]) throws -> [UInt8] {
        var rest = bytes[...]
        var body: [UInt8] = []
        while let end = rest.firstRange(of: Array("\r\n".utf8)) {
            guard let count = Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self), radix: 16) else {
                throw RawConnection.Failure.badAnswer("bad chunk size")
            }
            if count == 0 { return body }
            guard rest.endIndex - end.upperBound >= count + 2 else { break }
            body += rest[end.upperBound..<end.upperBound + count]
            rest = rest[(end.upperBound + count + 2)...]
        }
        throw RawConnection.Failure.badAnswer("the chunks end early")
    }
}

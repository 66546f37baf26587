import Intake

/// What the parser made of a body, gathered.
struct ParsedForm: Hashable {
    struct Part: Hashable {
        var headers: PartHeaders
        var data: [UInt8] = []
        var isEnded = false
    }

    var parts: [Part] = []
    var isEnded = false
    var error: IntakeError?

    /// Feeds the body in pieces of these sizes; the last size is used for the rest.
    init(_ body: [UInt8], boundary: String = "X", sizes: [Int] = [.max], limits: MultipartParser.Limits = .init()) {
        do throws(IntakeError) {
            let boundary = try MultipartBoundary(contentType: "multipart/form-data; boundary=\"\(boundary)\"")
            var parser = MultipartParser(boundary: boundary, limits: limits)
            var sizes = sizes[...]
            var rest = body[...]
            while !rest.isEmpty {
                let size = sizes.count > 1 ? sizes.removeFirst() : sizes.first ?? .max
                let chunk = Array(rest.prefix(max(1, size)))
                rest = rest.dropFirst(chunk.count)
                try feed(chunk, to: &parser)
            }
            try parser.finish()
        } catch {
            self.error = error
        }
    }

    private mutating func feed(_ chunk: [UInt8], to parser: inout MultipartParser) throws(IntakeError) {
        var position = 0
        while let event = try parser.next(in: chunk.span, from: &position) {
            switch event {
            case .partBegan(let headers): parts.append(Part(headers: headers))
            case .data(let range): parts[parts.count - 1].data += chunk[range]
            case .heldData(let bytes): parts[parts.count - 1].data += bytes
            case .partEnded: parts[parts.count - 1].isEnded = true
            case .formEnded: isEnded = true
            }
        }
    }

    /// `name=data`, and `name(file)=data` of files.
    var summary: [String] {
        parts.map { part in
            let file = part.headers.fileName.map { "(\($0))" } ?? ""
            return part.headers.name + file + "=" + String(decoding: part.data, as: UTF8.self)
        }
    }
}

/// A body from lines joined by CRLF.
func body(_ lines: String...) -> [UInt8] {
    Array(lines.joined(separator: "\r\n").utf8)
}

/// One text part's header.
func field(_ name: String) -> String {
    "Content-Disposition: form-data; name=\"\(name)\"\r\n"
}

import Domain

/// One node of a message's tree: its header fields, and what stands under them.
struct MIMEEntity: Sendable {
    enum Body: Sendable {
        /// In quoted-printable.
        case text(String)
        /// In base64, read when it is written.
        case part(MailPart)
        case multipart(boundary: String, [MIMEEntity])
    }

    /// Each with its CRLF.
    var fields: String
    var body: Body

    static func text(_ text: String, subtype: String) -> MIMEEntity {
        MIMEEntity(
            fields: "Content-Type: text/\(subtype); charset=utf-8\r\n"
                + "Content-Transfer-Encoding: quoted-printable\r\n",
            body: .text(text))
    }

    static func multipart(
        _ subtype: String, parameters: String = "", entry: OutboxEntryID, _ children: [MIMEEntity]
    ) -> MIMEEntity {
        // No line of a part can be it: `=_` occurs in neither quoted-printable nor base64 (RFC 2045 section 6.7).
        let boundary = "=_\(subtype).\(entry)"
        return MIMEEntity(
            fields: "Content-Type: multipart/\(subtype);\(parameters)\r\n boundary=\"\(boundary)\"\r\n",
            body: .multipart(boundary: boundary, children))
    }

    static func file(
        _ part: MailPart, disposition: String, contentID: String? = nil
    ) throws(MailMessageError) -> MIMEEntity {
        guard let type = ContentType.folded(part.contentType) else { throw .badContentType }
        var fields = "Content-Type:\(type)\r\nContent-Transfer-Encoding: base64\r\n"
        if let contentID { fields += "Content-ID: <\(contentID)>\r\n" }
        fields += "Content-Disposition: \(disposition);\r\n \(FileNameParameter.text(part.name))\r\n"
        return MIMEEntity(fields: fields, body: .part(part))
    }

    /// Gives the body in pieces of bounded size.
    func writeBody(to sink: (_ bytes: [UInt8]) async throws -> Void) async throws {
        switch body {
        case .text(let text): try await sink(QuotedPrintable.encode(text))
        case .part(let part): try await part.writeLines(to: sink)
        case .multipart(let boundary, let children):
            for (index, child) in children.enumerated() {
                let opening = (index == 0 ? "" : "\r\n") + "--\(boundary)\r\n\(child.fields)\r\n"
                try await sink(Array(opening.utf8))
                try await child.writeBody(to: sink)
            }
            try await sink(Array("\r\n--\(boundary)--\r\n".utf8))
        }
    }
}

extension MailPart {
    /// Whole lines only, so that pieces can be encoded one by one.
    private static let pieceBytes = Base64.lineBytes * 1024

    /// The bytes in base64, as many as were announced.
    fileprivate func writeLines(to sink: (_ bytes: [UInt8]) async throws -> Void) async throws {
        var held: [UInt8] = []
        var offset: Int64 = 0
        while offset < bytes {
            let wanted = Int(min(bytes - offset, Int64(Self.pieceBytes - held.count)))
            let piece = try await read(offset, wanted).prefix(wanted)
            guard !piece.isEmpty else { throw MailPartError.ended(at: offset, expected: bytes) }
            held += piece
            offset += Int64(piece.count)
            guard held.count == Self.pieceBytes || offset == bytes else { continue }
            try await sink(Base64.lines(of: held))
            held.removeAll(keepingCapacity: true)
        }
    }
}

/// A part gave fewer bytes than it announced.
package enum MailPartError: Error, Hashable, Sendable {
    case ended(at: Int64, expected: Int64)
}

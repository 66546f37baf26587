/// The boundary of a form, as its Content-Type gives it (RFC 2046, 5.1.1).
package struct MultipartBoundary: Hashable, Sendable {
    /// 1...70 bytes, none of them CR or LF.
    package let bytes: [UInt8]

    package init(contentType: String) throws(IntakeError) {
        guard let value = HeaderValue(contentType.utf8), value.main == "multipart/form-data" else {
            throw .malformed(.notAForm)
        }
        guard let bytes = value["boundary"] else { throw .malformed(.boundaryMissing) }
        guard (1...70).contains(bytes.count), bytes.allSatisfy(Self.isAllowed), bytes.last != UInt8(ascii: " ") else {
            throw .malformed(.boundaryInvalid)
        }
        self.bytes = bytes
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte.isHeaderToken || "'()+_,-./:=? ".utf8.contains(byte)
    }
}

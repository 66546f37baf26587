/// How texts are written into what is sent to Jenkins, so that each stays one value (P5).
enum JenkinsText {
    /// RFC 3986, down to the unreserved characters.
    static func percentEncoded(_ text: some StringProtocol) -> String {
        var encoded = ""
        for byte in text.utf8 {
            if isUnreserved(byte) {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                encoded += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }

    /// `application/x-www-form-urlencoded`.
    static func form(_ fields: [(name: String, value: String)]) -> [UInt8] {
        let pairs = fields.map { "\(percentEncoded($0.name))=\(percentEncoded($0.value))" }
        return Array(pairs.joined(separator: "&").utf8)
    }

    /// `folder/image` as `/job/folder/job/image`; `nil` for names that no job can have.
    static func path(ofJob name: String) -> String? {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.allSatisfy(isSegment) else { return nil }
        return parts.map { "/job/\(percentEncoded($0))" }.joined()
    }

    /// A file's path below a build's artifacts; `nil` for one that leads elsewhere.
    static func path(ofArtifact relative: String) -> String? {
        let parts = relative.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.allSatisfy(isSegment) else { return nil }
        return parts.map { percentEncoded($0) }.joined(separator: "/")
    }

    private static func isSegment(_ text: Substring) -> Bool { !text.isEmpty && text != "." && text != ".." }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

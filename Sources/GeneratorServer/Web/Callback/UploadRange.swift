import Domain
import Foundation

/// Which bytes of a file a request carries: `Content-Range: bytes first-last/size` (RFC 9110, 14.4), or all of it.
struct UploadRange: Hashable, Sendable {
    var start: Int64
    /// Bytes in the body; `nil` if that is not known before it was read.
    var count: Int64?
    /// Bytes of the whole file; `nil`: the body's end is the file's.
    var total: Int64?

    /// Whether the body is the whole file, from its first byte on.
    var isWhole: Bool { start == 0 && total == count }
}

extension UploadRange {
    /// - Throws: `.badRange` for a header that cannot be read, or that does not fit the body's length.
    init(contentRange: String?, contentLength: String?) throws {
        let length = try contentLength.map { try Self.number($0[...]) }
        guard let contentRange else {
            (start, count, total) = (0, length, length)
            return
        }
        let text = contentRange.trimmingASCIISpace()
        let parts = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
        guard text.prefix(6).lowercased() == "bytes ", parts.count == 2 else { throw WebError.callback(.badRange) }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { throw WebError.callback(.badRange) }
        let (first, last, size) = (try Self.number(ends[0]), try Self.number(ends[1]), try Self.number(parts[1]))
        guard first <= last, last < size, length == nil || length == last - first + 1 else {
            throw WebError.callback(.badRange)
        }
        (start, count, total) = (first, last - first + 1, size)
    }

    private static func number(_ text: Substring) throws -> Int64 {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int64(text)
        else { throw WebError.callback(.badRange) }
        return number
    }

    /// The SHA-256 in a `Repr-Digest` (RFC 9530), as hex; `nil` if there is no such header.
    /// - Throws: `.badDigest`.
    static func sha256(reprDigest header: String?) throws -> String? {
        guard let header else { return nil }
        for member in header.split(separator: ",") {
            let text = member.trimmingASCIISpace()
            guard text.lowercased().hasPrefix("sha-256=:"), text.hasSuffix(":"), text.utf8.count > 10 else { continue }
            guard let bytes = Data(base64Encoded: String(text.dropFirst(9).dropLast())), bytes.count == 32 else {
                break
            }
            return bytes.hexText
        }
        throw WebError.callback(.badDigest)
    }
}

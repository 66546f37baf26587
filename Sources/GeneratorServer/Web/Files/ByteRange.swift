import HTTPTypes
import Hummingbird
import NIOCore

/// The part of a file that a request asks for (RFC 9110, 14).
enum ByteRange: Hashable, Sendable {
    case whole
    case part(Range<Int64>)
    case outside

    /// Several ranges, other units and what cannot be read count as no range: the answer is the whole file.
    ///
    /// - Parameters:
    ///   - isCurrent: whether the `If-Range` of the request, if it has one, names what is there now.
    init(_ header: String?, size: Int64, isCurrent: Bool) {
        guard let header, isCurrent, header.lowercased().hasPrefix("bytes="), !header.contains(",") else {
            self = .whole
            return
        }
        let ends = header.dropFirst(6).trimmingASCIISpace().split(
            separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2, ends.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            self = .whole
            return
        }
        switch (ends[0].isEmpty, ends[1].isEmpty) {
        case (true, true):
            self = .whole
        case (true, false):
            // The last so many bytes; numbers too large for an Int64 are more than any file has.
            let count = min(Int64(ends[1]) ?? .max, size)
            self = count > 0 ? .part(size - count..<size) : .outside
        case (false, _):
            let first = Int64(ends[0]) ?? .max
            let last = ends[1].isEmpty ? Int64.max : Int64(ends[1]) ?? .max
            if last < first {
                self = .whole
            } else if first >= size {
                self = .outside
            } else {
                self = .part(first..<min(last, size - 1) + 1)
            }
        }
    }
}

/// A file that is served in parts: its size, what tells its versions apart, and how to read it.
struct ServedFile: Sendable {
    var size: Int64
    var tag: ETag
    /// IMF-fixdate; `nil` if it is not known.
    var lastModified: String?
    var headers: HTTPFields
    /// Up to so many bytes from there; none only at the end.
    var read: @Sendable (_ offset: Int64, _ length: Int) async throws -> [UInt8]
    /// Called when an answer was written that ends with the file's last byte.
    var wasRead: @Sendable () async -> Void = {}

    /// Bytes that are in memory at once, per answer.
    private static let piece = 256 * 1024

    /// The answer to a request for it: all, a part, 304, or 416.
    func answer(to request: Request) throws -> Response {
        var headers = headers
        headers[.eTag] = tag.text
        headers[.lastModified] = lastModified
        headers[.acceptRanges] = "bytes"
        if headers[.cacheControl] == nil { headers[.cacheControl] = "private, no-cache" }
        if isKnown(to: request) {
            var answer = Response(status: .notModified, headers: headers)
            answer.headers[.contentLength] = nil
            return answer
        }
        let ifRange = request.headers[.ifRange]
        let isCurrent = ifRange == nil || ifRange == tag.text || (ifRange == lastModified && lastModified != nil)
        switch ByteRange(request.headers[.range], size: size, isCurrent: isCurrent) {
        case .whole:
            return Response(status: .ok, headers: headers, body: body(0..<size))
        case .part(let range):
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
            return Response(status: .partialContent, headers: headers, body: body(range))
        case .outside:
            throw WebError.rangeNotSatisfiable(size: size)
        }
    }

    /// `If-Modified-Since` counts only without `If-None-Match` (RFC 9110, 13.2.2).
    private func isKnown(to request: Request) -> Bool {
        if let tags = request.headers[.ifNoneMatch] { return tag.isIn(tags) }
        guard let lastModified, let since = request.headers[.ifModifiedSince] else { return false }
        return since == lastModified
    }

    private func body(_ range: Range<Int64>) -> ResponseBody {
        let (read, wasRead, size) = (read, wasRead, size)
        return ResponseBody(contentLength: Int(range.count)) { writer in
            var offset = range.lowerBound
            while offset < range.upperBound {
                let bytes = try await read(offset, Int(min(Int64(Self.piece), range.upperBound - offset)))
                // Shorter than promised: ending without the rest tells the client that it does not have it all.
                guard !bytes.isEmpty else { throw ServedFileCut() }
                try await writer.write(ByteBuffer(bytes: bytes))
                offset += Int64(bytes.count)
            }
            try await writer.finish(nil)
            if range.upperBound == size { await wasRead() }
        }
    }
}

/// A file became shorter while it was served.
struct ServedFileCut: Error {}

import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// `GET /builds/{id}/log`: the whole log as plain text, cleaned of terminal sequences; with `?ansi=1` those that say
/// colours stay, so that it is the log as it is stored. Ranges and the `ETag` are of what is served: a log is bounded by
/// its recipe, so finding a place in it is reading it.
struct LogRoutes {
    let web: Web

    func add(to routes: inout RouteTable) {
        for path in ["/builds/{id}/log", "/api/v1/builds/{id}/log"] {
            routes.get(path) { request, context in try await log(request, context) }
        }
    }

    /// `?ansi=1`
    static func wantsColors(_ request: Request) -> Bool {
        PercentCoding.query(request.uri.query).contains {
            $0.name == "ansi" && ($0.value == "1" || $0.value == "true")
        }
    }

    private func log(_ request: Request, _ context: WebContext) async throws -> Response {
        let build = try await web.build(context)
        guard build.filesRemovedAt == nil else { throw WebError.expired(.log) }
        let logs = web.dependencies.logs
        let rawSize = try await logs.size(of: build.id)
        let log = Log(build: build.id, rawSize: rawSize, keepsColors: Self.wantsColors(request))
        let size = try await servedSize(log)
        let tag = ETag(log.keepsColors ? "log-ansi-\(rawSize)" : "log-\(rawSize)")
        var headers: HTTPFields = [
            .contentType: "text/plain; charset=utf-8", .contentSecurityPolicy: ArtifactRoutes.sandbox,
            .contentDisposition: Disposition.inline("build-\(build.id.text.prefix(10)).log.txt"),
        ]
        headers[.cacheControl] = "private, no-cache"
        headers[.eTag] = tag.text
        headers[.acceptRanges] = "bytes"
        if tag.isIn(request.headers[.ifNoneMatch]) {
            var answer = Response(status: .notModified, headers: headers)
            answer.headers[.contentLength] = nil
            return answer
        }
        let ifRange = request.headers[.ifRange]
        let isCurrent = ifRange == nil || ifRange == tag.text
        let range: Range<Int64>
        var status = HTTPResponse.Status.ok
        switch ByteRange(request.headers[.range], size: size, isCurrent: isCurrent) {
        case .whole: range = 0..<size
        case .outside: throw WebError.rangeNotSatisfiable(size: size)
        case .part(let part):
            range = part
            status = .partialContent
            headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)"
        }
        let body = ResponseBody(contentLength: Int(range.count)) { writer in
            try await each(log) { piece, start in
                let wanted = range.clamped(to: start..<start + Int64(piece.count))
                guard !wanted.isEmpty else { return start + Int64(piece.count) <= range.lowerBound }
                let bytes = piece[Int(wanted.lowerBound - start)..<Int(wanted.upperBound - start)]
                try await writer.write(ByteBuffer(bytes: bytes))
                return wanted.upperBound < range.upperBound
            }
            try await writer.finish(nil)
        }
        return Response(status: status, headers: headers, body: body)
    }

    /// What of a log is served, and how.
    private struct Log: Sendable {
        var build: BuildID
        /// As it was when the request came: what is written meanwhile is not served.
        var rawSize: Int64
        var keepsColors: Bool
    }

    private func servedSize(_ log: Log) async throws -> Int64 {
        var size: Int64 = 0
        try await each(log) { piece, _ in
            size += Int64(piece.count)
            return true
        }
        return size
    }

    /// Gives the log, cleaned, piece by piece, for as long as `take` says so.
    private func each(
        _ log: Log, _ take: (_ piece: [UInt8], _ start: Int64) async throws -> Bool
    ) async throws {
        var cleaner = LogText(keepsColors: log.keepsColors)
        var offset: Int64 = 0
        var start: Int64 = 0
        while offset < log.rawSize {
            let bytes = try await web.dependencies.logs.read(
                log.build, from: offset, length: Int(min(256 * 1024, log.rawSize - offset)))
            guard !bytes.isEmpty else { return }
            let piece = cleaner.clean(bytes)
            guard try await take(piece, start) else { return }
            offset += Int64(bytes.count)
            start += Int64(piece.count)
        }
    }
}

import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// `GET /builds/{id}/log`: the whole log as plain text, cleaned of terminal sequences. Ranges count the cleaned bytes:
/// a log is bounded by its recipe, so finding a place in it is reading it.
struct LogRoutes {
    let web: Web

    func add(to routes: inout RouteTable) {
        for path in ["/builds/{id}/log", "/api/v1/builds/{id}/log"] {
            routes.get(path) { request, context in try await log(request, context) }
        }
    }

    private func log(_ request: Request, _ context: WebContext) async throws -> Response {
        let build = try await web.build(context)
        guard build.filesRemovedAt == nil else { throw WebError.expired(.log) }
        let logs = web.dependencies.logs
        let rawSize = try await logs.size(of: build.id)
        let size = try await cleanedSize(build.id, rawSize: rawSize)
        var headers: HTTPFields = [
            .contentType: "text/plain; charset=utf-8", .contentSecurityPolicy: ArtifactRoutes.sandbox,
            .contentDisposition: Disposition.inline("build-\(build.id.text.prefix(10)).log.txt"),
        ]
        headers[.cacheControl] = "private, no-cache"
        headers[.eTag] = ETag("log-\(rawSize)").text
        headers[.acceptRanges] = "bytes"
        if ETag("log-\(rawSize)").isIn(request.headers[.ifNoneMatch]) {
            var answer = Response(status: .notModified, headers: headers)
            answer.headers[.contentLength] = nil
            return answer
        }
        let ifRange = request.headers[.ifRange]
        let isCurrent = ifRange == nil || ifRange == ETag("log-\(rawSize)").text
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
            try await each(build.id, rawSize: rawSize) { piece, start in
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

    private func cleanedSize(_ build: BuildID, rawSize: Int64) async throws -> Int64 {
        var size: Int64 = 0
        try await each(build, rawSize: rawSize) { piece, _ in
            size += Int64(piece.count)
            return true
        }
        return size
    }

    /// Gives the first `rawSize` bytes of the log, cleaned, piece by piece, for as long as `take` says so.
    private func each(
        _ build: BuildID, rawSize: Int64, _ take: (_ piece: [UInt8], _ start: Int64) async throws -> Bool
    ) async throws {
        var cleaner = LogText()
        var offset: Int64 = 0
        var start: Int64 = 0
        while offset < rawSize {
            let bytes = try await web.dependencies.logs.read(
                build, from: offset, length: Int(min(256 * 1024, rawSize - offset)))
            guard !bytes.isEmpty else { return }
            let piece = cleaner.clean(bytes)
            guard try await take(piece, start) else { return }
            offset += Int64(bytes.count)
            start += Int64(piece.count)
        }
    }
}

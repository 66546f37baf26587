import BuildRunner
import Crypto
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// `/builds/{id}/callback/files/{name}`: a run sends what it made. A file can be sent in parts, one after the other; what
/// has arrived stays when a connection breaks, and `HEAD` says how much that is.
struct CallbackFileRoutes {
    let web: Web
    let rate: CallbackRate

    /// Bytes that are in memory at once, per request.
    private static let piece = 256 << 10

    /// How much of a file has arrived: `Content-Length` and `Upload-Offset`, and whether that is all.
    func head(_ request: Request, _ context: WebContext) async throws -> Response {
        let holder = try await CallbackHolder(request, context, web, rate: rate)
        let (name, _) = try wanted(holder, context)
        let whole = try await complete(name, holder)
        let size = try await web.dependencies.reportFiles.size(of: name, of: holder.attempt)
        guard size > 0 || whole != nil else { throw WebError.notFound(.artifact) }
        var headers: HTTPFields = [
            .uploadOffset: "\(size)", .uploadComplete: whole == nil ? "?0" : "?1", .cacheControl: "no-store",
        ]
        // So that a sender can tell whether it is the file that it means.
        headers[.reprDigest] = whole.flatMap { ArtifactRoutes.digest(hex: $0.sha256) }.map { "sha-256=:\($0):" }
        // Never written: it only says how long the file is.
        let body = ResponseBody(contentLength: Int(size)) { writer in try await writer.finish(nil) }
        return Response(status: .ok, headers: headers, body: body).createHeadResponse()
    }

    func put(_ request: Request, _ context: WebContext) async throws -> Response {
        let holder = try await CallbackHolder(request, context, web, rate: rate)
        let (name, rule) = try wanted(holder, context)
        let range = try UploadRange(
            contentRange: request.headers[.contentRange], contentLength: request.headers[.contentLength])
        let said = try UploadRange.sha256(reprDigest: request.headers[.reprDigest])
        // Said before the body is read.
        guard range.total ?? 0 <= rule.maxBytes else { throw WebError.callback(.fileTooLarge(limit: rule.maxBytes)) }
        let present = try await web.dependencies.reportFiles.size(of: name, of: holder.attempt)
        guard range.start <= present else { throw WebError.callback(.gap(size: present)) }
        let known = try await complete(name, holder)
        context.wantBody()
        let received: Received
        do {
            received = try await receive(request, range, name, rule, holder, isKnown: known != nil)
        } catch {
            _ = try await holder.removeIfOver(web)
            throw error
        }
        if try await holder.removeIfOver(web) { throw WebError.notFound(.build) }
        if let known {
            let isSame = received.sha256 == nil ? received.total == known.bytes : received.sha256 == known.sha256
            guard isSame, said == nil || said == known.sha256 else { throw WebError.callback(.differentFile) }
            return Self.answer(name, bytes: known.bytes, sha256: known.sha256)
        }
        let size = try await web.dependencies.reportFiles.size(of: name, of: holder.attempt)
        guard size >= received.total else { return Self.answer(name, bytes: size, sha256: nil) }
        // With more bytes than the file has, those of another one are there: no digest fits, and they go.
        let expected = said ?? received.sha256 ?? (size > received.total ? String(repeating: "0", count: 64) : nil)
        return try await finish(name, sha256: expected, holder)
    }

    /// The rule that wants this file; the first that fits, as when files are collected.
    private func wanted(_ holder: CallbackHolder, _ context: WebContext) throws -> (String, ArtifactRule) {
        let rules = holder.recipe.artifacts
        guard let name = web.parameter("name", context), ArtifactName.isUsable(name),
            let rule = rules.first(where: { FilePattern($0.match).matches(name) })
        else { throw WebError.callback(.unwantedFile(wanted: rules.map(\.match))) }
        return (name, rule)
    }

    private func complete(_ name: String, _ holder: CallbackHolder) async throws -> ReportedFile? {
        try await web.dependencies.reportFiles.files(of: holder.attempt).first { $0.name == name }
    }

    // MARK: Receiving

    private struct Received {
        /// Bytes of the whole file.
        var total: Int64
        /// Of the body, where it is the whole file.
        var sha256: String?
    }

    /// Writes the body as it comes. What came before a cut is kept: the sender goes on from there.
    private func receive(
        _ request: Request, _ range: UploadRange, _ name: String, _ rule: ArtifactRule, _ holder: CallbackHolder,
        isKnown: Bool
    ) async throws -> Received {
        var hash = SHA256()
        var held: [UInt8] = []
        var place = range.start
        var count: Int64 = 0
        do {
            for try await chunk in request.body {
                count += Int64(chunk.readableBytes)
                if let most = range.count, count > most { throw WebError.callback(.badRange) }
                guard range.start + count <= rule.maxBytes else {
                    throw WebError.callback(.fileTooLarge(limit: rule.maxBytes))
                }
                held.append(contentsOf: chunk.readableBytesView)
                guard held.count >= Self.piece else { continue }
                if range.isWhole { hash.update(data: held) }
                try await write(&held, at: &place, to: name, rule, holder, isKnown: isKnown)
            }
        } catch {
            // The first error is the one to tell.
            try? await write(&held, at: &place, to: name, rule, holder, isKnown: isKnown)
            throw error
        }
        if range.isWhole { hash.update(data: held) }
        try await write(&held, at: &place, to: name, rule, holder, isKnown: isKnown)
        if let most = range.count, count < most { throw WebError.malformed(.cutShort) }
        return Received(
            total: range.total ?? range.start + count, sha256: range.isWhole ? hash.finalize().hexText : nil)
    }

    private func write(
        _ held: inout [UInt8], at place: inout Int64, to name: String, _ rule: ArtifactRule, _ holder: CallbackHolder,
        isKnown: Bool
    ) async throws {
        defer {
            place += Int64(held.count)
            held.removeAll(keepingCapacity: true)
        }
        // Of a file that is there whole, the bytes are only compared.
        guard !held.isEmpty, !isKnown else { return }
        do {
            _ = try await web.dependencies.reportFiles.append(
                held, at: place, to: name, of: holder.attempt, limit: rule.maxBytes)
        } catch {
            throw Self.webError(for: error, limit: rule.maxBytes) ?? error
        }
    }

    private func finish(_ name: String, sha256: String?, _ holder: CallbackHolder) async throws -> Response {
        do {
            let file = try await web.dependencies.reportFiles.complete(name, sha256: sha256, of: holder.attempt)
            web.dependencies.notices.post(.build(holder.build.id))
            return Self.answer(name, bytes: file.bytes, sha256: file.sha256)
        } catch {
            throw Self.webError(for: error, limit: 0) ?? error
        }
    }

    private static func webError(for error: StorageError, limit: Int64) -> WebError? {
        switch error {
        case .gap(let size): .callback(.gap(size: size))
        // The file's own limit was looked at before: there are too many files.
        case .tooLarge: .callback(.tooManyFiles)
        case .wrongDigest: .callback(.wrongDigest)
        case .missingObject: .callback(.emptyFile)
        default: nil
        }
    }

    private static func answer(_ name: String, bytes: Int64, sha256: String?) -> Response {
        .json(
            [
                "name": .string(name), "bytes": .integer(bytes), "sha256": .optional(sha256),
                "complete": .bool(sha256 != nil),
            ],
            headers: [
                .uploadOffset: "\(bytes)", .uploadComplete: sha256 == nil ? "?0" : "?1", .cacheControl: "no-store",
            ])
    }
}

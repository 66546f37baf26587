import Archives
import BuildRunner
import Domain
import HTTPTypes
import Hummingbird
import Intake
import Logging
import NIOCore
import Storage

/// What runs fetch, by capability: `build.json`, the bundle, single files. For a forged, ended or unknown capability alike
/// the same 404.
struct JobRoutes {
    let web: Web
    static let documentName = "build.json"
    static let bundleName = "inputs.tar.gz"

    func add(to routes: inout RouteTable) {
        routes.get("/uploads/{capability}/{name}") { request, context in try await answer(request, context) }
    }

    private func answer(_ request: Request, _ context: WebContext) async throws -> Response {
        guard let token = web.parameter("capability", context), let name = web.parameter("name", context),
            let capability = web.dependencies.signer.capability(of: token, at: web.now)
        else { throw WebError.notFound(.upload) }
        switch capability {
        case .upload(let id, until: _):
            return try await file(id, tag: ETag(id.text), named: name).answer(to: request)
        case .input(let id, let attempt):
            return try await input(id, attempt, named: name).answer(to: request)
        case .job(let attempt):
            let (build, recipe) = try await job(attempt)
            switch name {
            case Self.documentName: return .job(document(build, recipe, attempt, token, request).json.prettyBytes)
            case Self.bundleName: return try bundle(build, recipe, attempt, token, request, context)
            default: throw WebError.notFound(.upload)
            }
        case .callback, .confirm, .stop: throw WebError.notFound(.upload)
        }
    }

    private func job(_ attempt: Attempt) async throws -> (Build, Recipe) {
        guard let build = try await web.build(runBy: attempt), let recipe = web.dependencies.recipes()[build.recipe]
        else { throw WebError.notFound(.upload) }
        return (build, recipe)
    }

    private func document(
        _ build: Build, _ recipe: Recipe, _ attempt: Attempt, _ token: String, _ request: Request
    ) -> JobDocument {
        // On the origin that the run can reach: it has just done so.
        let site = SiteMap(publicURL: web.origin(request))
        return JobDocument(
            build: build, recipe: recipe, attempt: attempt, links: site.jobLinks(signer: web.dependencies.signer),
            bundle: site.absolute(site.bundle(token)))
    }

    // MARK: One file

    private func input(_ id: UploadID, _ attempt: Attempt, named name: String) async throws -> ServedFile {
        // Of this build, whatever was signed (P4).
        guard let build = try await web.build(runBy: attempt),
            let upload = build.inputs.uploads.first(where: { $0.id == id })
        else { throw WebError.notFound(.upload) }
        var file = try await file(id, tag: ETag(upload.sha256), named: name)
        file.headers[.reprDigest] = ArtifactRoutes.digest(hex: upload.sha256).map { "sha-256=:\($0):" }
        file.wasRead = { await noteFetched([upload.name], attempt, build.id) }
        return file
    }

    private func file(_ id: UploadID, tag: ETag, named name: String) async throws -> ServedFile {
        let opened: OpenUpload
        do {
            opened = try await web.dependencies.uploads.open(id)
        } catch IntakeError.missingUpload {
            throw WebError.notFound(.upload)
        }
        return ServedFile(
            size: try await opened.bytes, tag: tag, lastModified: nil,
            headers: Self.headers(type: "application/octet-stream", name: SafeFilename.make(name))
        ) { offset, length in
            try await opened.read(from: offset, count: length)
        }
    }

    // MARK: All of them

    /// Made while it is sent: neither its size nor any part of it is known before.
    private func bundle(
        _ build: Build, _ recipe: Recipe, _ attempt: Attempt, _ token: String, _ request: Request,
        _ context: WebContext
    ) throws -> Response {
        let inputs = JobDocument.inputs(of: build, recipe)
        let uploads = web.dependencies.uploads
        var items = [
            ArchiveItem.bytes(
                Self.documentName, document(build, recipe, attempt, token, request).shared.prettyBytes),
            .directory("fields"), .directory("files"),
        ]
        for input in inputs {
            if let text = input.content.fileText {
                items.append(.bytes("fields/\(input.field)", Array(text.utf8)))
            } else if case .upload(let upload) = input.content {
                items.append(.file("files/\(input.field)", from: uploads.path(of: upload.id)))
            }
        }
        let stream = try ArchiveStream(items, as: .tarGzip)
        let names = Inputs(values: inputs).uploads.map(\.name)
        let body = ResponseBody { writer in
            while let piece = try await stream.next() { try await writer.write(ByteBuffer(bytes: piece)) }
            try await writer.finish(nil)
            await noteFetched(names, attempt, build.id)
        }
        var headers = Self.headers(type: "application/gzip", name: Self.bundleName)
        headers[.acceptRanges] = "none"
        return Response(status: .ok, headers: headers, body: body)
    }

    static func headers(type: String, name: String) -> HTTPFields {
        [
            .contentSecurityPolicy: ArtifactRoutes.sandbox, .contentType: type,
            .contentDisposition: Disposition.attachment(name), .cacheControl: "no-store",
        ]
    }

    /// For the page; that it cannot be noted is no reason to fail the run.
    private func noteFetched(_ names: [String], _ attempt: Attempt, _ build: BuildID) async {
        for name in names {
            do {
                try await web.dependencies.builds.recordInputFetched(name, by: attempt, of: build, at: web.now)
            } catch {
                web.dependencies.logger.warning(
                    "a fetched input could not be noted",
                    metadata: ["build": "\(build.text.prefix(10))", "error": "\(error)"])
            }
        }
    }
}

extension Response {
    /// A document for a run; it holds a token.
    fileprivate static func job(_ bytes: [UInt8]) -> Response {
        .json(bytes: bytes, headers: JobRoutes.headers(type: "application/json", name: JobRoutes.documentName))
    }
}

extension Web {
    /// The build that an attempt's run works for now; `nil` when the attempt is not its build's current one, or the run has
    /// nothing more to do: then no capability of the attempt opens anything.
    func build(runBy attempt: Attempt) async throws -> Build? {
        guard let id = Attempt.parse(attempt.key)?.build, let build = try await dependencies.builds.build(id) else {
            return nil
        }
        switch build.state {
        case .triggering, .running, .collecting: return build.state.attempt == attempt ? build : nil
        case .queued, .verifying, .succeeded, .failed, .cancelled, .expired: return nil
        }
    }
}

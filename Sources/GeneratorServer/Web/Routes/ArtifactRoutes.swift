import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Storage

/// Downloads of artifacts. None is ever run by a browser.
struct ArtifactRoutes {
    let web: Web

    /// No script, no frame, an origin of its own: for bytes that are not ours.
    static let sandbox = "default-src 'none'; sandbox"

    func add(to routes: inout RouteTable) {
        routes.get("/builds/{id}/artifacts/{name}") { request, context in try await artifact(request, context) }
    }

    private func artifact(_ request: Request, _ context: WebContext) async throws -> Response {
        let build = try await web.build(context)
        guard build.filesRemovedAt == nil else { throw WebError.expired(.artifact) }
        // A product that was not tried out, or that failed it, is not given away.
        guard let name = web.parameter("name", context),
            let artifact = build.artifacts.first(where: { $0.name == name }),
            build.state == .succeeded || artifact.role == .picture
        else { throw WebError.notFound(.artifact) }
        return try await answer(artifact, of: build, to: request)
    }

    /// The bytes of an artifact that may be given away, in ranges.
    func answer(_ artifact: Artifact, of build: Build, to request: Request) async throws -> Response {
        let key = ObjectKey(build: build.id, name: artifact.name)
        guard try await web.dependencies.objects.size(of: key) == artifact.bytes else {
            throw WebError.notFound(.artifact)
        }
        let objects = web.dependencies.objects
        let file = ServedFile(
            size: artifact.bytes, tag: ETag(artifact.sha256),
            lastModified: build.finishedAt.map { HTTPDate.text($0) }, headers: Self.headers(of: artifact)
        ) { offset, length in
            try await objects.read(key, from: offset, length: length)
        }
        return try file.answer(to: request)
    }

    private static func headers(of artifact: Artifact) -> HTTPFields {
        var headers: HTTPFields = [.contentSecurityPolicy: sandbox]
        let isPicture = artifact.role == .picture && artifact.contentType == "image/png"
        headers[.contentType] = artifact.contentType
        headers[.contentDisposition] =
            isPicture ? Disposition.inline(artifact.name) : Disposition.attachment(artifact.name)
        headers[.reprDigest] = digest(hex: artifact.sha256).map { "sha-256=:\($0):" }
        return headers
    }

    /// Base 64 of hex digits.
    static func digest(hex: String) -> String? {
        let digits = hex.compactMap(\.hexDigitValue)
        guard digits.count == 64 else { return nil }
        return Data(stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
            .base64EncodedString()
    }
}

import HTTPTypes
import Hummingbird
import NIOCore

/// The files of `public/`, and what browsers and robots ask for by themselves.
struct PublicRoutes {
    let web: Web

    func add(to routes: inout RouteTable) {
        routes.get("/public/**") { request, context in
            guard let name = context.parameters.getCatchAll().map({ PercentCoding.decode($0) }).joinedPath,
                let file = web.dependencies.publicFiles[name]
            else { throw WebError.notFound(.page) }
            return answer(file, request)
        }
        routes.get("/favicon.ico") { request, _ in
            let files = web.dependencies.publicFiles
            guard let icon = files["favicon.ico"] ?? files["icon.svg"] else { throw WebError.notFound(.page) }
            return answer(icon, request)
        }
        routes.get("/kiln-report") { request, _ in
            guard let script = web.dependencies.publicFiles["kiln-report"] else { throw WebError.notFound(.page) }
            return answer(script, request)
        }
        routes.get("/robots.txt") { _, _ in
            // Nothing that belongs to a build is for robots, and the first page is for all.
            .text(
                "User-agent: *\nDisallow: /builds/\nDisallow: /uploads/\nDisallow: /now\nDisallow: /webhooks/\nDisallow: /api/\n",
                headers: [.cacheControl: "max-age=86400"])
        }
    }

    /// A URL that names the version may be kept for good; any other is asked for again.
    private func answer(_ file: PublicFile, _ request: Request) -> Response {
        let version = PercentCoding.query(request.uri.query).first { $0.name == "v" }?.value
        let isVersioned = version.map { $0.count >= 8 && file.digest.hasPrefix($0) } ?? false
        return Response.answer(
            file.bytes, type: file.contentType,
            headers: [
                .cacheControl: isVersioned
                    ? "public, max-age=31536000, immutable" : "public, max-age=0, must-revalidate"
            ]
        ).tagged(ETag(String(file.digest.prefix(32))), for: request)
    }
}

extension [String?] {
    /// `nil` if a part could not be decoded.
    fileprivate var joinedPath: String? {
        let parts = compactMap { $0 }
        return parts.count == count ? parts.joined(separator: "/") : nil
    }
}

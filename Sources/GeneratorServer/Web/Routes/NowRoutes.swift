import Domain
import HTTPTypes
import Hummingbird
import Storage

/// `GET /now`: the status as one line of text, for pollers.
struct NowRoutes {
    let web: Web
    /// A build is nobody's business but its requester's: no shared cache keeps it.
    private static let headers: HTTPFields = [.vary: "Accept, Cookie", .cacheControl: "private, no-cache"]

    func add(to routes: inout RouteTable) {
        routes.get("/now") { request, context in try await now(request, context) }
    }

    private func now(_ request: Request, _ context: WebContext) async throws -> Response {
        let wantsJSON = Preference(request).wantsJSON
        guard let snapshot = try await asked(request) else {
            let error = isNamed(request) ? WebError.notFound(.build) : WebError.noLatestBuild
            if wantsJSON || Preference(request).wantsErrorPage { throw error }
            return .text("\(error.words.what)\n", status: .notFound, headers: Self.headers)
        }
        let answer: Response
        let tag: ETag
        if wantsJSON {
            let bytes = web.json(snapshot, request).bytes
            tag = ETag(hashing: bytes)
            answer = .json(bytes: bytes, headers: Self.headers)
        } else {
            let line = web.buildView.line(snapshot)
            tag = ETag(hashing: line.utf8)
            answer = .text(line + "\n", headers: Self.headers)
        }
        return answer.tagged(tag, for: request)
    }

    private func isNamed(_ request: Request) -> Bool {
        PercentCoding.query(request.uri.query).contains { $0.name == "build" }
    }

    /// The build of the query, or the newest of the browser's own that is still known.
    private func asked(_ request: Request) async throws -> BuildSnapshot? {
        if let named = PercentCoding.query(request.uri.query).first(where: { $0.name == "build" }) {
            guard let id = BuildID(named.value) else { return nil }
            return try await web.buildView.snapshot(of: id)
        }
        for id in BuildCookie.builds(of: request) {
            if let snapshot = try await web.buildView.snapshot(of: id) { return snapshot }
        }
        return nil
    }
}

extension Web {
    func json(_ snapshot: BuildSnapshot, _ request: Request) -> JSON {
        BuildJSON(
            snapshot: snapshot, links: buildView.links(snapshot), siteMap: siteMap, origin: origin(request)
        ).json
    }
}

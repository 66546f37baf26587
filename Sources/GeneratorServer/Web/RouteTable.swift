import HTTPTypes
import Hummingbird

/// Collects routes, and gives every path its `OPTIONS` and its 405 for the methods that it does not take.
struct RouteTable {
    typealias Handler = @Sendable (Request, WebContext) async throws -> Response

    let router: Router<WebContext>
    private var methods: [String: [HTTPRequest.Method]] = [:]

    init(web: Web) {
        router = Router(context: WebContext.self)
        router.add(middleware: AccessLog(web: web))
        router.add(middleware: SecurityHeaders(isSecure: web.siteMap.isSecure))
        router.add(middleware: ErrorAnswers(web: web))
        router.add(middleware: RequestRules(web: web))
    }

    /// Also answers `HEAD`, with the same head and no body.
    mutating func get(_ path: String, _ handler: @escaping Handler) {
        add(.get, path, handler)
        add(.head, path) { request, context in try await handler(request, context).createHeadResponse() }
    }

    mutating func post(_ path: String, _ handler: @escaping Handler) {
        add(.post, path, handler)
    }

    mutating func put(_ path: String, _ handler: @escaping Handler) {
        add(.put, path, handler)
    }

    /// Where there is nothing to get.
    mutating func head(_ path: String, _ handler: @escaping Handler) {
        add(.head, path, handler)
    }

    private mutating func add(_ method: HTTPRequest.Method, _ path: String, _ handler: @escaping Handler) {
        methods[path, default: []].append(method)
        router.on(RouterPath(path), method: method, use: handler)
    }

    /// To be called once, after all routes.
    func completed() -> Router<WebContext> {
        for (path, taken) in methods {
            let allowed = (taken + [.options]).map(\.rawValue).sorted().joined(separator: ", ")
            router.on(RouterPath(path), method: .options) { _, _ in
                Response(status: .noContent, headers: [.allow: allowed])
            }
            for method: HTTPRequest.Method in [.get, .head, .post, .put, .patch, .delete, .trace, .connect]
            where !taken.contains(method) {
                router.on(RouterPath(path), method: method) { _, _ -> Response in
                    throw WebError.methodNotAllowed(allowed: allowed)
                }
            }
        }
        return router
    }
}

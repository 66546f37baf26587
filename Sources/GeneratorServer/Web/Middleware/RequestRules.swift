import HTTPTypes
import Hummingbird

/// What no request may be, whatever its route: another site's form in a browser, an expectation that is not met, a
/// method that is unknown.
struct RequestRules: RouterMiddleware {
    let web: Web

    private static let methods: Set<HTTPRequest.Method> = [
        .get, .head, .post, .put, .patch, .delete, .options, .trace, .connect,
    ]

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard Self.methods.contains(request.method) else { throw WebError.methodUnknown }
        if let expectation = request.headers[.expect], expectation.lowercased() != "100-continue" {
            throw WebError.expectationFailed
        }
        // A mail program's own button for "no more mails" may post from its site (RFC 8058); the capability in the path is
        // all that counts there, no cookie.
        let isOneClick = request.uri.path.hasPrefix("/mail/stop/")
        if request.method == .post, !isOneClick {
            try Self.refuseCrossSite(request, ownAuthority: web.siteMap.authority)
        }
        return try await next(request, context)
    }

    /// Browsers say where a request comes from; programs do not, and carry no one's cookies.
    static func refuseCrossSite(_ request: Request, ownAuthority: String) throws {
        if let site = request.headers[.secFetchSite]?.lowercased() {
            guard site == "same-origin" || site == "none" else { throw WebError.crossSite }
            return
        }
        guard let origin = request.headers[.origin]?.lowercased() else { return }
        let authority = origin.firstRange(of: "://").map { String(origin[$0.upperBound...]) }
        guard let authority, authority == ownAuthority || authority == request.head.authority?.lowercased() else {
            throw WebError.crossSite
        }
    }
}

import Domain
import Hummingbird
import Logging
import NIOCore

/// One line and one count for every request. Paths are written as routes, so that no build's key, capability or value of
/// a query stands in a log; the first ten characters of a build's id (its age) are enough to find it.
struct AccessLog: RouterMiddleware {
    let web: Web

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        let start = NIODeadline.now()
        let response = try await next(request, context)
        let seconds = Double((NIODeadline.now() - start).nanoseconds) / 1e9
        let route = context.endpointPath ?? "-"
        web.metrics.record(
            WebMetrics.Key(method: "\(request.method)", route: route, status: response.status.code), seconds: seconds)
        context.logger.info(
            "request",
            metadata: [
                "method": "\(request.method)", "route": "\(route)", "status": "\(response.status.code)",
                "seconds": "\((seconds * 1e4).rounded() / 1e4)", "client": "\(web.clientAddress(request, context))",
                "build": "\(Self.shortened(request.uri.path) ?? "-")",
            ])
        return response
    }

    /// The start of the build's id that is in a path.
    static func shortened(_ path: String) -> String? {
        path.split(separator: "/").lazy.compactMap { BuildID($0) }.first.map { String($0.text.prefix(10)) }
    }
}

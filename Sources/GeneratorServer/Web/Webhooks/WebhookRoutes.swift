import BuildRunner
import Domain
import HTTPTypes
import Hummingbird
import Storage

/// `POST /webhooks/{provider}`: what a CI tells by itself.
struct WebhookRoutes {
    let web: Web
    /// GitHub's own bound is 25 MB; the events that matter have some tens of kilobytes.
    private let body = BoundedBody(most: 5 << 20, atOnce: 6)

    init(web: Web) { self.web = web }

    func add(to routes: inout RouteTable) {
        routes.post("/webhooks/{provider}") { request, context in try await take(request, context) }
    }

    /// 202 for every genuine one, whatever it is about: who sends it learns nothing of builds.
    private func take(_ request: Request, _ context: WebContext) async throws -> Response {
        guard let provider = web.parameter("provider", context), let webhook = web.dependencies.webhooks[provider]
        else {
            throw WebError.notFound(.page)
        }
        // Strangers' bodies are not read for nothing.
        guard webhook.isSigned(request.headers) else { throw WebError.webhookNotSigned }
        let secrets = webhook.secrets()
        guard !secrets.isEmpty else { throw WebError.webhookNotSigned }
        return try await body.read(request, context) { bytes in
            // Every secret is tried, so that the time tells nothing of which one it was.
            let matches = secrets.filter { webhook.isGenuine(request.headers, bytes, $0) }
            guard !matches.isEmpty else { throw WebError.webhookNotSigned }
            if let subject = webhook.subject(request.headers, bytes),
                let build = try await web.dependencies.builds.build(withRun: subject.runID, at: provider)
            {
                try await web.dependencies.builds.nudge(build, at: web.now)
            }
            return Response(status: .accepted, headers: [.cacheControl: "no-store"])
        }
    }
}

import BuildRunner
import Domain
import HTTPTypes
import Hummingbird
import NIOConcurrencyHelpers
import NIOCore
import Storage

/// `POST /webhooks/{provider}`: what a CI tells by itself.
struct WebhookRoutes {
    let web: Web
    private let budget = ByteBudget(most: 32 << 20)

    /// GitHub's own bound is 25 MB; the events that matter have some tens of kilobytes.
    static let largestBody = 5 << 20

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
        let body = try await self.body(of: request, context)
        // Every secret is tried, so that the time tells nothing of which one it was.
        let matches = secrets.filter { webhook.isGenuine(request.headers, body, $0) }
        guard !matches.isEmpty else { throw WebError.webhookNotSigned }
        if let subject = webhook.subject(request.headers, body),
            let build = try await web.dependencies.builds.build(withRun: subject.runID, at: provider)
        {
            try await web.dependencies.builds.nudge(build, at: web.now)
        }
        return Response(status: .accepted, headers: [.cacheControl: "no-store"])
    }

    /// Whoever sends is not known before all of it is here: what all of them together may hold is bounded (P6).
    private func body(of request: Request, _ context: WebContext) async throws -> [UInt8] {
        let limit = Self.largestBody
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw WebError.tooLarge(maximum: Int64(limit))
        }
        context.wantBody()
        var bytes: [UInt8] = []
        defer { budget.giveBack(bytes.count) }
        for try await chunk in request.body {
            guard bytes.count + chunk.readableBytes <= limit else { throw WebError.tooLarge(maximum: Int64(limit)) }
            guard budget.take(chunk.readableBytes) else { throw WebError.webhooksBusy }
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        return bytes
    }
}

/// Bytes that may be held at once by all together.
final class ByteBudget: Sendable {
    private let left: NIOLockedValueBox<Int>

    init(most: Int) { left = NIOLockedValueBox(most) }

    func take(_ count: Int) -> Bool {
        left.withLockedValue { left in
            guard left >= count else { return false }
            left -= count
            return true
        }
    }

    func giveBack(_ count: Int) { left.withLockedValue { $0 += count } }
}

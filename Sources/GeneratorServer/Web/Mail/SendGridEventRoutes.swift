import HTTPTypes
import Hummingbird
import Logging
import Mailer

/// `POST /mail/sendgrid/events`: what SendGrid tells of mails that it took (its signed event webhook).
struct SendGridEventRoutes {
    let web: Web
    private let body = BoundedBody(most: 2 << 20, atOnce: 8)

    init(web: Web) { self.web = web }

    func add(to routes: inout RouteTable) {
        routes.post("/mail/sendgrid/events") { request, context in try await take(request, context) }
    }

    private func take(_ request: Request, _ context: WebContext) async throws -> Response {
        guard let doors = web.dependencies.mailReports, let key = doors.sendGridKey else {
            throw WebError.notFound(.page)
        }
        // Strangers' bodies are not read for nothing.
        guard let signature = request.headers[.sendGridSignature],
            let timestamp = request.headers[.sendGridTimestamp],
            SendGridWebhookKey.isFresh(timestamp, at: web.now)
        else { throw WebError.mailReportNotGenuine }
        return try await body.read(request, context) { bytes in
            guard key.isGenuine(bytes, signature: signature, timestamp: timestamp) else {
                throw WebError.mailReportNotGenuine
            }
            guard let events = SendGridEvent.events(in: bytes) else {
                throw WebError.malformed(.json("This is no list of SendGrid's events."))
            }
            let count = try await doors.reports.take(events, at: web.now)
            context.logger.info(
                "SendGrid told of mails", metadata: ["events": "\(events.count)", "ours": "\(count)"])
            return Response(status: .noContent, headers: [.cacheControl: "no-store"])
        }
    }
}

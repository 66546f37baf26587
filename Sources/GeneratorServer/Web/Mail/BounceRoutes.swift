import Domain
import HTTPTypes
import Hummingbird
import Logging
import Mailer

/// `POST /mail/bounces`: a mail that came to the bounce address, from who has only HTTP to hand it on.
struct BounceRoutes {
    let web: Web
    private let body = BoundedBody(most: BounceReading.mostBytes, atOnce: 4)

    init(web: Web) { self.web = web }

    func add(to routes: inout RouteTable) {
        routes.post("/mail/bounces") { request, context in try await take(request, context) }
    }

    /// 204 for every message to an address of ours, whatever it says.
    private func take(_ request: Request, _ context: WebContext) async throws -> Response {
        guard let doors = web.dependencies.mailReports, let verp = doors.verp, let token = doors.bounceToken else {
            throw WebError.notFound(.page)
        }
        guard let shown = Self.bearer(request.headers[.authorization]), MailReportDoors.isToken(shown, token) else {
            throw WebError.mailReportNotGenuine
        }
        guard Self.isMessage(request.headers[.contentType]) else {
            throw WebError.bounceNotMessage(found: request.headers[.contentType])
        }
        let recipient = request.uri.queryParameters["recipient"].map(String.init)
        return try await body.read(request, context) { bytes in
            switch try await doors.reports.take(bounce: bytes, recipient: recipient, verp: verp, at: web.now) {
            case .recorded(let entry, let report):
                context.logger.info(
                    "a mail was reported on", metadata: ["entry": "\(entry)", "fate": "\(report.fate.rawValue)"])
            case .nothingNew(let entry):
                context.logger.info("a message to an entry's address says nothing", metadata: ["entry": "\(entry)"])
            case .notOurs: throw WebError.bounceNotOurs
            }
            return Response(status: .noContent, headers: [.cacheControl: "no-store"])
        }
    }

    private static func bearer(_ header: String?) -> String? {
        guard let parts = header?.split(separator: " "), parts.count == 2, parts[0].lowercased() == "bearer" else {
            return nil
        }
        return String(parts[1])
    }

    private static func isMessage(_ type: String?) -> Bool {
        guard let name = type?.split(separator: ";").first?.lowercased() else { return false }
        return ["message/rfc822", "message/global"].contains(name.filter { !$0.isWhitespace })
    }
}

import Domain
import HTTPTypes
import Hummingbird
import Storage

/// "No more mails to this address": a page with a button, and the button that mail programs show themselves (RFC 8058).
struct StopRoutes {
    let web: Web
    /// The body says nothing but `List-Unsubscribe=One-Click`, as one of a form's two kinds.
    private static let longestBody = 4096

    func add(to routes: inout RouteTable) {
        routes.get("/mail/stop/{capability}") { request, context in
            let (id, address) = try await reader(context)
            return .html(try page(id, address, request, context), headers: [.cacheControl: "no-store"])
        }
        routes.post("/mail/stop/{capability}") { request, context in
            try await stop(reader(context).address, request, context)
        }
        routes.get("/mail/stopped") { request, context in
            .html(try web.dependencies.pages.notice(Self.stopped(web.frame(request, context))))
        }
    }

    /// Whose link it is.
    private func reader(_ context: WebContext) async throws -> (id: BuildID, address: String) {
        guard let token = web.parameter("capability", context),
            case .stop(let id)? = web.dependencies.signer.capability(of: token, at: web.now),
            let address = try await web.dependencies.builds.build(id)?.address
        else { throw WebError.notFound(.link) }
        return (id, address)
    }

    private func page(
        _ id: BuildID, _ address: String, _ request: Request, _ context: WebContext
    ) throws -> String {
        let token = web.dependencies.signer.sign(.stop(id))
        return try web.dependencies.pages.notice(
            NoticePage(
                frame: web.frame(request, context), title: "No more mails?",
                paragraphs: [
                    "Nothing more is sent from here to \(address) then, not even for what you ask for yourself: builds "
                        + "are not taken with this address until whoever runs this service allows it again."
                ], action: .init(url: web.siteMap.stopMails(token), label: "Send no more mails to me")))
    }

    private func stop(_ address: String, _ request: Request, _ context: WebContext) async throws -> Response {
        let body = try await web.body(of: request, upTo: Self.longestBody, context) {
            .tooLarge(maximum: Int64(Self.longestBody))
        }
        try await web.dependencies.addresses.suppress(
            Suppression(
                address: address, reason: .asked, words: nil, since: web.now,
                until: web.now + web.settings.mail.stopMemory))
        // A mail program's button follows no redirection.
        let isOneClick = String(decoding: body, as: UTF8.self).contains("One-Click")
        guard Preference(request).wantsErrorPage, !isOneClick else {
            return .text("No more mails are sent to this address.\n", headers: [.cacheControl: "no-store"])
        }
        return Response(
            status: .seeOther, headers: [.location: web.siteMap.stoppedMails, .cacheControl: "no-store"])
    }

    private static func stopped(_ frame: PageFrame) -> NoticePage {
        NoticePage(
            frame: frame, title: "No more mails",
            paragraphs: [
                "Nothing more is sent to your address from here. If you change your mind, ask whoever runs this service."
            ])
    }
}

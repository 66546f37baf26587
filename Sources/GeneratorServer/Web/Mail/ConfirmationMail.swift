import Domain
import HTTPTypes
import Hummingbird
import Storage

/// Sends the mail again that asks to confirm a build: at most once a minute, and three times in all, whoever asks, and no
/// oftener than its address may be asked in an hour. What is counted are the tries that stand in the outbox, so that a
/// restart forgets none.
struct ConfirmationMail {
    let web: Web

    static let most = 3
    static let pause = Duration.seconds(60)

    func sendAgain(_ snapshot: BuildSnapshot, _ request: Request) async throws -> Response {
        guard snapshot.confirmBy != nil, let mail = snapshot.deliveries.last(where: { $0.kind == .confirmation }) else {
            throw WebError.nothingToConfirm
        }
        // One that waits goes out by itself.
        if mail.status != .waiting { try await sendAgain(mail) }
        guard Preference(request).wantsJSON else {
            return Response(
                status: .seeOther,
                headers: [.location: web.siteMap.build(snapshot.build.id), .cacheControl: "no-store"])
        }
        let id = snapshot.build.id
        return web.buildAnswer(try await web.buildView.snapshot(of: id) ?? snapshot, request)
    }

    private func sendAgain(_ mail: Delivery) async throws {
        let tries = try await web.dependencies.desk.tries(of: mail.id)
        let taken = tries.filter(\.mayHaveArrived)
        guard taken.count < Self.most else { throw WebError.tooManyConfirmations(retryAfter: nil) }
        if let last = tries.last {
            let wait = Self.pause - (web.now - last.at)
            if wait > .zero { throw WebError.tooManyConfirmations(retryAfter: wait) }
        }
        if let most = web.settings.accept.confirmationsPerAddressPerHour,
            try await mails(to: mail.to, since: web.now - .seconds(3600)) >= most
        {
            throw WebError.tooManyConfirmations(retryAfter: nil)
        }
        _ = try await web.dependencies.desk.sendAgain(mail.id, at: web.now)
    }

    /// How often the address was asked, for whichever build.
    private func mails(to address: String, since start: Timestamp) async throws -> Int {
        let desk = web.dependencies.desk
        var count = 0
        for mail in try await desk.deliveries(matching: OutboxFilter(address: address), before: nil, limit: 50)
        where mail.kind == .confirmation {
            count += try await desk.tries(of: mail.id).count { $0.mayHaveArrived && $0.at > start }
        }
        return count
    }
}

extension DeliveryTry {
    fileprivate var mayHaveArrived: Bool { outcome == .accepted || outcome == .unknown }
}

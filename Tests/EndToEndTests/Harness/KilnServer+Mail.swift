import Foundation
import TestSupport
import Testing

extension KilnServer {
    /// The path of a link that leads to this server.
    func path(of link: String) throws -> String {
        let url = try #require(URLComponents(string: link), "\(link)")
        let isHere = ["localhost", "127.0.0.1"].contains(url.host) && url.port == port
        try #require(isHere, "\(link) leads elsewhere")
        return url.percentEncodedPath + (url.percentEncodedQuery.map { "?" + $0 } ?? "")
    }

    /// What the links in a confirmation mail lead to: yes, and not me.
    func confirmation(_ mail: ReadMail) throws -> (yes: String, notMe: String) {
        let links = mail.links.filter { $0.contains("/confirm/") }
        let yes = try #require(links.first { !$0.hasSuffix("?not-me") }, "\(mail.plain)")
        let notMe = try #require(links.first { $0.hasSuffix("?not-me") }, "\(mail.plain)")
        return (try path(of: yes), try path(of: notMe))
    }

    /// Presses a button, as a browser does.
    func press(_ path: String) async throws -> Answer {
        try await http.send(
            "POST", path,
            [
                "Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded", "Content-Length": "0",
                "Origin": "http://127.0.0.1:\(port)", "Sec-Fetch-Site": "same-origin",
            ], body: [])
    }

    /// What `/health-check` says of mail.
    func mailHealth() async throws -> (passed: Bool, words: String) {
        let results = try await http.get("/health-check").json()["results"] as? [[String: Any]] ?? []
        let mail = results.filter { "\($0["checker"] ?? "")".lowercased().contains("mail") }
        return (mail.allSatisfy { $0["passed"] as? Bool == true }, "\(mail.map { "\($0["output"] ?? "")" })")
    }

    /// Waits until a build's mails are as they shall be.
    func deliveries(
        of id: String, within limit: Duration = .seconds(300), _ areRight: ([RemoteBuild.Delivery]) -> Bool
    ) async throws -> [RemoteBuild.Delivery] {
        var last: [RemoteBuild.Delivery] = []
        return try await until("the mails of \(id): \(last)", within: limit, every: .milliseconds(100)) {
            last = try await build(id).deliveries
            return areRight(last) ? last : nil
        }
    }
}

extension ReadMail {
    /// What every mail of Kiln's has, and no other.
    func expectGood(to address: String, about build: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(faults == [], "\(subject)", sourceLocation: sourceLocation)
        let needed = [
            "date", "from", "to", "subject", "message-id", "references", "auto-submitted",
            "x-auto-response-suppress", "mime-version", "content-type",
        ]
        let possible = ["in-reply-to", "reply-to", "list-unsubscribe", "list-unsubscribe-post"]
        let onTheWay = ["return-path", "delivered-to", "x-original-to", "received"]
        let own = headerNames.filter { !onTheWay.contains($0) }
        #expect(own.count == Set(own).count, "each once: \(own)", sourceLocation: sourceLocation)
        for name in needed { #expect(own.contains(name), "\(name)", sourceLocation: sourceLocation) }
        let others = Set(own).subtracting(needed + possible)
        #expect(others.isEmpty, "\(others)", sourceLocation: sourceLocation)

        #expect(header("To") == address, sourceLocation: sourceLocation)
        #expect(header("Auto-Submitted") == "auto-generated", sourceLocation: sourceLocation)
        #expect(header("X-Auto-Response-Suppress") == "All", sourceLocation: sourceLocation)
        #expect(header("References")?.contains(build) == true, "a build's mails thread", sourceLocation: sourceLocation)
        #expect(structure.contains("multipart/alternative"), "\(structure)", sourceLocation: sourceLocation)
        #expect(!plain.isEmpty && !html.isEmpty, sourceLocation: sourceLocation)
        let remote = html.range(of: #"(src|background)=["']?https?:"#, options: .regularExpression)
        #expect(remote == nil, "nothing is fetched from elsewhere", sourceLocation: sourceLocation)
    }
}

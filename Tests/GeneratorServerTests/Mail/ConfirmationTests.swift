import Domain
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct `Confirmations` {
    private static var options: LiveServer.Options {
        var options = LiveServer.Options()
        options.mail.confirmWithin = .seconds(86_400)
        return options
    }

    /// Submits the sample form, as a program that reads pages or JSON.
    private static func submit(
        _ server: LiveServer, _ address: String = "ada@example.org", accept: String = "application/json"
    ) async throws -> TestClient.Answer {
        let form = TestClient.form([("email", address), ("name", "Ada")])
        return try await server.client.post(
            "/recipes/sample/builds", ["Content-Type": form.type, "Accept": accept], body: form.body)
    }

    private static func build(_ answer: TestClient.Answer) throws -> BuildID {
        guard case .string(let id)? = try JSON(parsing: answer.body)["id"] else { throw WebError.incident }
        return try #require(BuildID(id))
    }

    private static func link(_ id: BuildID, _ server: LiveServer) -> String {
        "/confirm/\(server.signer.sign(.confirm(id)))"
    }

    @Test func `a build waits for its address, and says so everywhere`() async throws {
        try await LiveServer.with(Self.options) { server in
            let answer = try await Self.submit(server)
            #expect(answer.status == 202)
            let json = try JSON(parsing: answer.body)
            let id = try Self.build(answer)
            #expect(json["state"] == "queued" && json["queue"] == .null)
            #expect(json["confirm_by"] == .string((server.clock.now() + .seconds(86_400)).description))
            #expect(json["links"]?["confirmation"] != .null)
            let page = try await server.client.get("/builds/\(id)", ["Accept": "text/html"])
            #expect(page.text.contains("explanation=Waiting for you to confirm ada@example.org: open the mail"))
            let line = try await server.client.get("/now?build=\(id)")
            #expect(line.text == "queued until the address is confirmed\n")
            #expect(try await server.store.deliveries(of: id).map(\.kind) == [.confirmation])
        }
    }

    @Test func `looking changes nothing: programs that read mail open links`() async throws {
        try await LiveServer.with(Self.options) { server in
            let id = try Self.build(try await Self.submit(server))
            let link = Self.link(id, server)
            for path in [link, "\(link)?not-me"] {
                let page = try await server.client.get(path)
                #expect(page.status == 200 && page["Cache-Control"] == "no-store")
                #expect(page.text.contains("confirm Sample ada@example.org notMe=\(path.hasSuffix("not-me"))"))
                #expect(page.text.contains("yes=\(link)\nno=\(link)/disown"))
                #expect(try await server.client.send("HEAD", path).status == 200)
            }
            #expect(try await server.store.build(id)?.confirmBy != nil)
        }
    }

    @Test func `yes puts the build into the queue, and doing it again changes nothing`() async throws {
        try await LiveServer.with(Self.options) { server in
            let id = try Self.build(try await Self.submit(server))
            for _ in 1...2 {
                let answer = try await server.client.post(Self.link(id, server), ["Accept": "text/html"], body: [])
                #expect(answer.status == 303 && answer["Location"] == "/builds/\(id)")
                #expect(answer["Set-Cookie"]?.hasPrefix("kiln_builds=\(id);") == true)
            }
            #expect(try await server.client.get("/now?build=\(id)").text == "queued place 1\n")
            let page = try await server.client.get(Self.link(id, server))
            #expect(page.text.contains("notice It is confirmed") && page.text.contains("link=/builds/\(id)"))
            let next = try JSON(parsing: try await Self.submit(server, "ADA@example.org").body)
            #expect(next["confirm_by"] == .null, "the address is remembered")
        }
    }

    @Test func `not me ends what waits, and takes nothing more with the address from there (P8)`() async throws {
        try await LiveServer.with(Self.options) { server in
            let id = try Self.build(try await Self.submit(server))
            let answer = try await server.client.post(
                "\(Self.link(id, server))/disown", ["Accept": "text/html"], body: [])
            #expect(answer.status == 303 && answer["Location"] == "/confirm/disowned")
            #expect(try await server.client.get("/confirm/disowned").text.hasPrefix("notice Thank you"))
            #expect(try await server.store.build(id)?.state == .expired)
            let page = try await server.client.get("/builds/\(id)", ["Accept": "text/html"])
            #expect(page.text.contains("Nobody confirmed the address, so nothing was built."))
            #expect(try await server.store.deliveries(of: id).map(\.status) == [.cancelled])
            let again = try await Self.submit(server)
            #expect(again.status == 422)
            let json = try JSON(parsing: again.body)
            #expect(json["code"] == "address_disowned")
            let form = try await Self.submit(server, accept: "text/html")
            #expect(form.status == 422)
            #expect(form.text.contains("email=ada@example.org\nfault email address_disowned"))
            #expect(!form.text.contains("notice="))
            #expect(try await Self.submit(server, "other@example.org").status == 202)
        }
    }

    @Test func `who is too late is told so, and how to start again`() async throws {
        try await LiveServer.with(Self.options) { server in
            let id = try Self.build(try await Self.submit(server))
            server.clock.advance(by: .seconds(86_400))
            for isGivenUp in [false, true] {
                if isGivenUp { try await server.apply(.expired, to: id) }
                let page = try await server.client.get(Self.link(id, server))
                #expect(page.text.contains("notice Too late") && page.text.contains("link=/recipes/sample"))
                let answer = try await server.client.post(Self.link(id, server), ["Accept": "text/html"], body: [])
                #expect(answer.status == 410)
            }
            #expect(try await server.store.build(id)?.state == .expired)
        }
    }

    @Test func `a link for something else, a damaged one and none are a clear page (P4)`() async throws {
        try await LiveServer.with(Self.options) { server in
            let id = try Self.build(try await Self.submit(server))
            let good = server.signer.sign(.confirm(id))
            let foreign = [
                server.signer.sign(.stop(id)), server.signer.sign(.callback(Attempt(number: 1, of: id))),
                String(good.dropLast()), String(good.reversed()), "x", "\(id)",
            ]
            for token in foreign {
                let page = try await server.client.get("/confirm/\(token)", ["Accept": "text/html"])
                #expect(page.status == 404 && page.text.contains("This link does not work"))
                #expect(try await server.client.post("/confirm/\(token)", [:], body: []).status == 404)
                #expect(try await server.client.post("/confirm/\(token)/disown", [:], body: []).status == 404)
            }
            #expect(try await server.store.build(id)?.confirmBy != nil)
        }
    }

    @Test func `another site's page cannot press the button in a browser`() async throws {
        try await LiveServer.with(Self.options) { server in
            let id = try Self.build(try await Self.submit(server))
            let answer = try await server.client.post(
                Self.link(id, server), ["Sec-Fetch-Site": "cross-site"], body: [])
            #expect(answer.status == 403)
            #expect(try await server.store.build(id)?.confirmBy != nil)
        }
    }

    @Test func `the mail is sent again once a minute and three times in all (P6)`() async throws {
        try await LiveServer.with(Self.options) { server in
            let id = try Self.build(try await Self.submit(server))
            let path = "/builds/\(id)/confirmation"
            #expect(try await server.client.post(path, ["Accept": "text/html"], body: []).status == 303)
            #expect(try await server.store.outboxSummary().waiting == 1, "the first one still waits")
            for number in 1...ConfirmationMail.most {
                try await Self.deliver(server)
                let early = try await server.client.post(path, ["Accept": "text/html"], body: [])
                #expect(early.status == 429)
                #expect((early["Retry-After"] != nil) == (number < ConfirmationMail.most))
                server.clock.advance(by: .seconds(61))
                let answer = try await server.client.post(path, ["Accept": "application/json"], body: [])
                #expect(answer.status == (number < ConfirmationMail.most ? 200 : 429))
            }
            _ = try await server.client.post(Self.link(id, server), [:], body: [])
            let late = try await server.client.post(path, [:], body: [])
            #expect(late.status == 409)
        }
    }

    @Test func `an address is not asked oftener by being asked again (P6)`() async throws {
        var options = Self.options
        options.accept.confirmationsPerAddressPerHour = 2
        try await LiveServer.with(options) { server in
            let id = try Self.build(try await Self.submit(server))
            #expect(try await Self.submit(server).status == 202)
            for _ in 1...2 { try await Self.deliver(server) }
            let path = "/builds/\(id)/confirmation"
            server.clock.advance(by: .seconds(61))
            #expect(try await server.client.post(path, [:], body: []).status == 429)
            server.clock.advance(by: .seconds(3600))
            #expect(try await server.client.post(path, ["Accept": "application/json"], body: []).status == 200)
        }
    }

    private static func deliver(_ server: LiveServer) async throws {
        let due = try await server.store.claimDueDeliveries(
            limit: 1, leaseFor: .seconds(60), pace: MailPace(), at: server.clock.now())
        let claimed = try #require(due.first)
        _ = try await server.store.settle(
            [(claimed: claimed, outcome: .accepted(receipt: nil), transport: "test")], at: server.clock.now())
    }

    @Test func `too many requests to confirm are 429 with Retry-After`() async throws {
        var options = Self.options
        options.accept.confirmationsPerAddressPerHour = 1
        try await LiveServer.with(options) { server in
            #expect(try await Self.submit(server).status == 202)
            let many = try await Self.submit(server)
            #expect(many.status == 429 && many["Retry-After"] != nil)
            #expect(try await Self.submit(server, "other@example.org").status == 202)
        }
    }

    @Test func `no capability stands in a log (P7)`() async throws {
        try await LiveServer.with(Self.options) { server in
            let id = try Self.build(try await Self.submit(server))
            let link = Self.link(id, server)
            _ = try await server.client.get(link)
            _ = try await server.client.post("\(link)/disown", [:], body: [])
            let token = String(link.dropFirst("/confirm/".count))
            #expect(
                !server.log.lines.joined().contains(token) && !server.log.lines.joined().contains("ada@example.org"))
            #expect(server.log.lines.joined().contains("/confirm/{capability}"))
        }
    }
}

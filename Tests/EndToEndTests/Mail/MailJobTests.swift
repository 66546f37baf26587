import Foundation
import TestSupport
import Testing

/// A form, a confirmed address, a build, a mail: through a real Postfix, read back from a real mailbox.
@Suite(.enabled(if: MailHost.isAvailable, "needs Postfix, Dovecot, and to be root")) struct MailJobTests {
    @Test(arguments: MailHost.Mode.allCases)
    func `a form becomes a confirmed build and its mail (P2, P9)`(_ mode: MailHost.Mode) async throws {
        let host = try await MailHost.shared
        let address = MailHost.address()
        try await KilnServer.running(recipes: [.letter], host.settings(mode)) { server in
            let id = try await server.submit(
                TestRecipe.letter(named: "Ada’s Ünix", to: address, [("essay", "first\nsecond")]), to: "letter")
            let asked = try #require(try await host.mails(to: address).first)
            asked.expectGood(to: address, about: id)
            #expect(asked.plain.contains("Ada’s Ünix"), "who asked for what")
            #expect(try await server.build(id).state == "queued")
            #expect(try await server.rows("SELECT count(*) FROM runs") == [["0"]], "nothing is built before")

            let pressed = try await server.press(server.confirmation(asked).yes)
            #expect(pressed.status == 303 && pressed.headers["location"]?.contains(id) == true, "\(pressed.text)")
            let build = try await server.told(id, within: .seconds(300))
            try #require(build.state == "succeeded", "\(build)")

            let mails = try await host.mails(to: address, count: 2)
            let mail = try #require(mails.last)
            mail.expectGood(to: address, about: id)
            try Self.expectProduct(of: build, in: mail)
            Self.expectWay(mail, mode)
            Self.expectWay(asked, mode)
            #expect(mails.count == 2 && Set(mails.map { $0.header("Message-ID") }).count == 2)
            #expect(mail.header("In-Reply-To") == asked.header("Message-ID"), "one conversation")
            let thread = try #require(asked.header("References"))
            #expect(mail.header("References")?.hasPrefix(thread) == true, "one thread")
            #expect(mail.subject == "Ada’s Ünix is ready")

            // The address is remembered: the next build needs no click.
            let next = try await server.submit(TestRecipe.letter(named: "Two", to: address), to: "letter")
            #expect(try await server.told(next, within: .seconds(300)).state == "succeeded")
            let all = try await host.mails(to: address, count: 3)
            #expect(all.map { $0.plain.contains("/confirm/") } == [true, false, false])
            #expect(!server.log.contains(host.facts.password), "P7")
        }
    }

    /// How it came, by Postfix's own words.
    private static func expectWay(_ mail: ReadMail, _ mode: MailHost.Mode) {
        let received = mail.headers("Received").joined()
        #expect(received.contains("using TLSv1.3") == (mode != .none), "\(received)")
        #expect(received.contains("Authenticated sender: builder") == mode.logsIn, "\(received)")
    }

    private static func expectProduct(of build: RemoteBuild, in mail: ReadMail) throws {
        let numbers = try #require(build.artifacts.first { $0.name == "numbers.gz" })
        // By the name that Kiln is told to be known by; the API answers with the one that it was asked by.
        let path = try #require(URL(string: numbers.url)?.path)
        #expect(mail.links.contains { $0.hasSuffix(path) } && mail.html.contains(path), "the link")
        #expect(mail.plain.contains(numbers.sha256), "the checksum")
        let attached = try #require(mail.attachment("numbers.gz"), "\(mail.structure)")
        #expect(attached.sha256 == numbers.sha256 && attached.bytes == numbers.bytes, "byte for byte")
        #expect(attached.type == "application/gzip")
        let picture = try #require(mail.parts.first { $0.type.hasPrefix("image/") }, "\(mail.structure)")
        #expect(picture.disposition == "inline")
        let id = try #require(picture.content_id?.trimmingCharacters(in: ["<", ">"]))
        #expect(mail.html.contains("cid:\(id)"), "the picture is shown in its place")
    }

    @Test(arguments: ["fail", "flood"]) func `a failure brings its first error and its log`(_ mode: String) async throws
    {
        let host = try await MailHost.shared
        let address = MailHost.address()
        let settings = host.settings(.none).merging(["KILN_MAIL_CONFIRM": "false"]) { $1 }
        try await KilnServer.running(recipes: [.letter], settings) { server in
            let form = TestRecipe.letter(named: "Ada", to: address, [("mode", mode)])
            let id = try await server.submit(form, to: "letter")
            let mail = try #require(try await host.mails(to: address).first)
            mail.expectGood(to: address, about: id)
            #expect(mail.subject == "Ada could not be built")
            let words = mode == "fail" ? "the ink is dry <b>&amp;</b>" : "too much ink"
            #expect(mail.plain.contains(words))
            #expect(!mail.html.contains("<b>&amp;</b>"), "P5: the log is no HTML")
            let log = try await server.http.get("/builds/\(id)/log").body
            let attached = try #require(mail.attachments.first, "\(mail.structure)")
            if mode == "fail" {
                #expect(attached.type == "text/plain" && attached.sha256 == sha256(log))
            } else {
                #expect(attached.type == "application/gzip")
                let packed = server.folder.path("log.gz")
                try Data(attached.contents).write(to: URL(filePath: packed))
                let unpacked = try await run("gzip", "-dc", packed)
                #expect(sha256(Array(unpacked.text.utf8)) == sha256(log))
            }
        }
    }

    @Test func `opening the link changes nothing, and "not me" ends it for good`() async throws {
        let host = try await MailHost.shared
        let address = MailHost.address()
        try await KilnServer.running(recipes: [.letter], host.settings(.none)) { server in
            let id = try await server.submit(TestRecipe.letter(named: "Eve", to: address), to: "letter")
            let asked = try #require(try await host.mails(to: address).first)
            let (yes, notMe) = try server.confirmation(asked)
            // As the programs do that look at links before people see them.
            for path in [yes, notMe] {
                for method in ["HEAD", "GET"] {
                    let opened = try await server.http.send(method, path, ["Accept": "text/html"], body: [])
                    #expect(opened.status == 200)
                }
            }
            #expect(try await server.build(id).state == "queued", "a link that was only opened")
            let forged = try await server.press(String(yes.dropLast(2)) + "xx")
            #expect(forged.status == 404 || forged.status == 410 || forged.status == 403, "\(forged.status)")

            let path = try #require(notMe.components(separatedBy: "?").first)
            let pressed = try await server.press(path + "/disown")
            #expect(pressed.status < 400, "\(pressed.status) \(pressed.text)")
            _ = try await until("it ends", within: .seconds(120)) {
                try await server.build(id).state == "expired" ? true : nil
            }
            let late = try await server.press(yes)
            #expect(try await server.build(id).state == "expired", "\(late.status)")
            #expect(try await server.rows("SELECT count(*) FROM runs") == [["0"]])

            let again = try await server.http.post(
                "/recipes/letter/builds", TestRecipe.letter(named: "Eve", to: address))
            #expect(again.status == 422 && again.faults["email"] != nil, "\(again.status) \(again.text)")
            #expect(try await host.present(for: address).count == 1, "nothing more is sent")
        }
    }
}

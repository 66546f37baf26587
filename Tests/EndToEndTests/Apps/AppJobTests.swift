import Foundation
import Testing

/// The recipe that ships: an event's data becomes a signed app, which other programs than its makers' look at.
@Suite(.serialized) struct AppJobTests {
    @Test func `a zip becomes a signed app, a picture and a mail (P2, P9)`() async throws {
        let zip = try await EventData.zip("small")
        try await KilnServer.withApps { server in
            let app = try await server.app(EventData.form(zip))
            #expect(app.artifact.name == "tiny_days.apk")
            #expect(app.artifact.content_type == "application/vnd.android.package-archive")
            let facts = try await app.facts()
            #expect(facts.package == "org.kiln.event.tiny_days")
            #expect(facts.label == "Tiny Days")
            #expect(!facts.debuggable)
            #expect(facts.permissions == [], "an app without live updates asks for nothing")
            #expect(facts.schemes == [1, 2, 3])
            #expect(facts.icons.contains(160) && facts.icons.contains(640), "icons of all densities: \(facts.icons)")
            #expect(facts.entries["assets/site/index.html"] != nil)

            let screen = try await server.http.get("/builds/\(app.build.id)/artifacts/screen.png")
            #expect(screen.status == 200 && screen.body.starts(with: [0x89, 0x50, 0x4E, 0x47]), "the picture")
            let page = try await server.http.get("/builds/\(app.build.id)").text
            #expect(page.contains("screen.png") && page.contains("tiny_days.apk"))

            let mail = try #require(server.mail.messages(about: app.build.id).first)
            #expect(server.mail.messages(about: app.build.id).count == 1, "P2")
            #expect(mail.plain.contains("/builds/\(app.build.id)/artifacts/tiny_days.apk"), "the link")
            #expect(mail.plain.contains(app.artifact.sha256), "the checksum of what is served (P9)")
            #expect(mail.text.contains("image/png") || mail.text.contains("image/jpeg"), "the picture")
            #expect(mail.text.contains("filename=tiny_days.apk") || mail.text.contains("filename=\"tiny_days.apk\""))
        }
    }

    @Test func `folders of any case, documents with an ending and a folder around them make the same app`() async throws
    {
        let plain = try await EventData.zip("small")
        let other = try await EventData.zip("small", "--images", "Images", "--suffix", ".json", "--top", "event7/")
        try await KilnServer.withApps { server in
            let one = try await server.app(EventData.form(plain))
            let two = try await server.app(EventData.form(other))
            let differences = try await one.differences(from: two)
            #expect(differences == "")
        }
    }

    @Test func `the same data twice: equal but for signature and version, one certificate, a growing version`()
        async throws
    {
        let zip = try await EventData.zip("small")
        try await KilnServer.withApps { server in
            let one = try await server.app(EventData.form(zip))
            let two = try await server.app(EventData.form(zip))
            let differences = try await one.differences(from: two)
            #expect(differences == "", "reproducible")
            let (first, second) = (try await one.facts(), try await two.facts())
            #expect(first.package == second.package)
            #expect(first.certificate == second.certificate, "the update installs over it")
            #expect(first.version_code < second.version_code)
            #expect(first.version_name != second.version_name)

            // Another event is another app, with a key of its own.
            let third = try await server.app(EventData.form(EventData.zip("name:Other Days"))).facts()
            #expect(third.package != first.package && third.certificate != first.certificate)
            #expect(third.version_code > second.version_code)

            // The key outlives the server's process.
            try await server.stop()
            try await server.start()
            let fourth = try await server.app(EventData.form(zip)).facts()
            #expect(fourth.certificate == first.certificate && fourth.version_code > third.version_code)
        }
    }

    @Test func `kind debug and live updates change what the form says they change`() async throws {
        let zip = try await EventData.zip("small")
        try await KilnServer.withApps { server in
            let debug = try await server.app(EventData.form(zip, [("kind", "debug")])).facts()
            #expect(debug.debuggable && debug.package.hasSuffix(".debug"))

            let api = try await EventAPI("small")
            let live = [("endpoint", api.url), ("live_updates", "true")]
            let updating = try await server.app(EventData.form(nil, live)).facts()
            #expect(updating.permissions == ["android.permission.INTERNET"])
            #expect(!updating.debuggable)
            let still = try await server.app(EventData.form(nil, [("endpoint", api.url)])).facts()
            #expect(still.permissions == [])
        }
    }

    @Test func `colour, logo and background of the form are in the app`() async throws {
        let zip = try await EventData.zip("small")
        try await KilnServer.withApps { server in
            let plain = try await server.app(EventData.form(zip))
            var form = EventData.form(zip, [("color", "#8b1e3f")])
            form.add("logo", file: "logo.png", type: "image/png", Pictures.png(width: 600, height: 600))
            form.add("background", file: "back.png", type: "image/png", Pictures.png(width: 1700, height: 950))
            let dressed = try await server.app(form)
            let changed = try await plain.differences(from: dressed)
            for word in ["res/mipmap", "assets/site/"] { #expect(changed.contains(word), "\(word): \(changed)") }
        }
    }

    @Test func `150 sessions in three languages over the start of summer time become an app`() async throws {
        let zip = try await EventData.zip("middle")
        try await KilnServer.withApps { server in
            let app = try await server.app(EventData.form(zip))
            let facts = try await app.facts()
            #expect(facts.label == "Offene Tage für Straßen & Bücher")
            let pages = facts.entries.keys.count { $0.hasPrefix("assets/site/sessions/") }
            #expect(pages == 150)
            #expect(facts.entries.keys.count { $0.hasPrefix("assets/site/speakers/") } == 60)
        }
    }

    @Test func `5,000 sessions become an app in bounded time (P6)`() async throws {
        let zip = try await EventData.zip("large")
        try await KilnServer.withApps { server in
            let start = ContinuousClock.now
            let app = try await server.app(EventData.form(zip), within: .seconds(150))
            let time = ContinuousClock.now - start
            #expect(time < .seconds(120), "a debug build of Kiln on a busy machine: \(time)")
            let peak = try server.peakMemory()
            #expect(peak < 300 << 20, "the server uses \(peak)")
            let entries = try await app.facts().entries
            #expect(entries.keys.count { $0.hasPrefix("assets/site/sessions/") } == 5000)
        }
    }
}

import Foundation
import TestSupport
import Testing

/// The main job with the recipe that ships: a form, a wallpaper, an ISO that booted, a mail.
@Suite(.serialized) struct MainJobTests {
    /// What `kiln prepare` fetched, once for all runs of the tests: made again only when the recipe's needs change.
    private static let prepared = "\(KilnServer.root)/.build/e2e-prepared"

    private static func prepare() async throws {
        let answer = try await run(
            KilnServer.executable, "prepare", "meilix-mini",
            environment: [
                "KILN_DATA_DIRECTORY": prepared, "KILN_RECIPES_DIRECTORY": "\(KilnServer.root)/recipes",
            ], within: .seconds(300))
        try #require(answer.code == 0, "kiln prepare: \(answer.text)")
    }

    private static func form(desktop: [UInt8]) -> Form {
        var form = Form([
            ("email", "ada@example.org"), ("name", "Ada's Ünix"), ("homepage", "https://example.org/start"),
            ("search_engine", "ecosia"), ("theme", "light"), ("features", "clock"), ("features", "summary"),
            ("packages", "tree"), ("packages", "jq"),
        ])
        form.add("wallpaper", file: "sunset.png", type: "image/png", Pictures.png(width: 1200, height: 900))
        form.add("logo", file: "logo.png", type: "image/png", Pictures.png(width: 128, height: 128))
        form.add("files", file: "desktop.zip", type: "application/zip", desktop)
        return form
    }

    /// Desktop files as another program packs them.
    private static func archive(in folder: String) async throws -> [UInt8] {
        let script =
            "import zipfile; z = zipfile.ZipFile('d.zip', 'w'); z.writestr('notes/Größe.txt', 'from the desktop\\n'); z.close()"
        let made = try await run("sh", "-c", "cd '\(folder)' && python3 -c \"\(script)\"")
        try #require(made.code == 0, "\(made.text)")
        return [UInt8](try #require(FileManager.default.contents(atPath: "\(folder)/d.zip")))
    }

    @Test func `a form with a wallpaper becomes an ISO that boots, and a mail`() async throws {
        try await Self.prepare()
        let settings = ["KILN_RECIPES_DIRECTORY": "\(KilnServer.root)/recipes"]
        let server = try KilnServer(recipes: [], settings)
        let data = server.folder.path("data")
        let copied = try await run("sh", "-c", "mkdir -p '\(data)' && cp -a '\(Self.prepared)/prepared' '\(data)/'")
        try #require(copied.code == 0, "\(copied.text)")
        do {
            try await server.start()
            try await job(server)
        } catch {
            await server.end()
            Issue.record("the server's log ends with:\n\(server.log.suffix(3000))")
            throw error
        }
        await server.end()
    }

    private func job(_ server: KilnServer) async throws {
        let home = try await server.http.get("/")
        #expect(home.status == 200 && home.text.contains("/recipes/meilix-mini"), "it is in the list of recipes")
        #expect(try await server.http.get("/recipes/meilix-mini").text.contains("name=\"wallpaper\""))

        let form = Self.form(desktop: try await Self.archive(in: server.folder.path))
        let answer = try await server.http.post("/recipes/meilix-mini/builds", form, ["Accept": "text/html"])
        try #require(answer.status == 303, "\(answer.text)")
        let page = try #require(answer.headers["location"])
        let id = try #require(page.split(separator: "/").last.map(String.init))

        // Live: every phase is told as it begins, and the end.
        let events = try RawConnection(port: server.port, patience: 60)
        try await events.send(server.http.head("GET", page + "/events", ["Accept": "text/event-stream"]))
        let story = try await events.receive(within: .seconds(150)) { $0.contains("event: end") }
        for word in ["\"running\"", "\"verifying\"", "Packing the live system", "event: log", "event: end"] {
            #expect(story.contains(word), "\(word) in the events")
        }

        let build = try await server.told(id, within: .seconds(150))
        try #require(build.state == "succeeded", "\(build)")
        let iso = try #require(build.artifacts.first { $0.name.hasSuffix(".iso") })
        #expect(iso.content_type == "application/x-iso9660-image")
        let bytes = try await server.download(iso)
        try Data(bytes).write(to: URL(fileURLWithPath: server.folder.path("system.iso")))

        // The picture that was taken when it booted.
        let screen = try await server.http.get("/builds/\(id)/artifacts/screen.png")
        #expect(screen.status == 200 && screen.body.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        #expect(try await server.http.get(page).text.contains("/artifacts/screen.png"))

        let mails = server.mail.messages(about: id)
        #expect(mails.count == 1)
        let mail = try #require(mails.first)
        #expect(mail.header("To")?.contains("ada@example.org") == true)
        #expect(mail.plain.contains("/builds/\(id)/artifacts/"), "the link")
        #expect(mail.plain.contains(iso.sha256), "the checksum")
        #expect(mail.text.contains("image/png") || mail.text.contains("image/jpeg"), "the picture")

        try await expectEveryOption(server)
    }

    /// Unpacks the image with other programs than those that made it, and finds every option.
    private func expectEveryOption(_ server: KilnServer) async throws {
        let script = """
            set -eu
            cd "$FOLDER"
            xorriso -osirrox on -indev system.iso -extract / iso >/dev/null 2>&1
            chmod -R u+w iso
            zstd -d -q -c iso/boot/initrd > initrd
            mkdir system
            (cd system && while cpio -i -d -u --quiet --no-absolute-filenames 2>/dev/null; do :; done < ../initrd) || true
            for option in system/etc/kiln/options/*; do
                echo "${option##*/}=$(tr '\\n' ' ' < "$option")"
            done
            find system/home/live/Desktop iso -type f
            for tool in tree jq htop; do [ -e "system/usr/bin/$tool" ] && echo "tool $tool" || echo "no $tool"; done
            cat system/etc/os-release
            """
        let unpacked = try await run("sh", "-c", script, environment: ["FOLDER": server.folder.path])
        try #require(unpacked.code == 0, "\(unpacked.text)")
        for words in [
            "name=Ada's Ünix", "homepage=https://example.org/start", "search_engine=ecosia", "theme=light",
            "clock", "summary", "tool tree", "tool jq", "no htop", "Desktop/notes/Größe.txt",
        ] {
            #expect(unpacked.text.contains(words), "\(words) in the image:\n\(unpacked.text.prefix(4000))")
        }
        #expect(!unpacked.text.contains("ada@example.org"), "the address is in no image")
    }
}

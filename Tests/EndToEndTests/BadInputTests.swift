import Foundation
import TestSupport
import Testing

/// "Bad input, and what it gets", from outside (P5, P6, P8): a clear no, and no build.
@Suite(.serialized) struct BadInputTests {
    private static let good = Form([("email", "ada@example.org"), ("name", "Ada")])
    private static let path = "/recipes/quick/builds"
    private static let json = ["Accept": "application/json"]

    /// What was refused has left neither a build nor a file.
    private func expectNothingKept(_ server: KilnServer) async throws {
        #expect(try await server.rows("SELECT count(*) FROM builds") == [["0"]])
        let kept = FileManager.default.enumerator(atPath: server.folder.path("uploads"))?.allObjects as? [String] ?? []
        let files = kept.filter { name in
            var isFolder: ObjCBool = false
            return unsafe FileManager.default.fileExists(
                atPath: server.folder.path("uploads") + "/" + name, isDirectory: &isFolder) && !isFolder.boolValue
        }
        #expect(files.isEmpty)
    }

    @Test func `damaged bodies get 400`() async throws {
        try await KilnServer.running { server in
            let form = Self.good.with("wallpaper", file: "w.png", Pictures.png(width: 64, height: 64))
            let cut = try await server.http.send(
                "POST", Self.path,
                ["Content-Type": form.contentType, "Content-Length": "\(form.bytes.count - 40)"].merging(Self.json) {
                    a, _ in a
                },
                body: form.bytes.dropLast(40))
            #expect(cut.status == 400, "a body without its end: \(cut.text)")

            let wrong = try await server.http.post(
                Self.path, form,
                ["Content-Type": "multipart/form-data; boundary=another"].merging(Self.json) { a, _ in a })
            #expect(wrong.status == 400, "a wrong boundary: \(wrong.text)")

            let none = try await server.http.post(
                Self.path, form, ["Content-Type": "multipart/form-data"].merging(Self.json) { a, _ in a })
            #expect(none.status == 400, "no boundary: \(none.text)")

            // The connection ends in the midst of the body: nobody is left to be answered, and nothing is kept.
            let connection = try RawConnection(port: server.port)
            try await connection.send(
                server.http.head(
                    "POST", Self.path, ["Content-Type": form.contentType, "Content-Length": "\(form.bytes.count)"]))
            try await connection.send(form.bytes.dropLast(100))
            connection.finishSending()
            let answer = try? await Answer(parsing: connection.receiveAll())
            #expect(answer == nil || answer?.status == 400)
            try await expectNothingKept(server)
        }
    }

    @Test func `a body over the limit gets 413 before it is read`() async throws {
        try await KilnServer.running(["KILN_LIMITS_UPLOAD_BYTES": "1 MiB"]) { server in
            // Not a byte of the body is sent: the answer is there all the same.
            let connection = try RawConnection(port: server.port)
            try await connection.send(
                server.http.head(
                    "POST", Self.path,
                    [
                        "Content-Type": Self.good.contentType, "Content-Length": "300000000",
                        "Accept": "application/json",
                    ]))
            let said = try await Answer(parsing: connection.receiveAll())
            #expect(said.status == 413)
            #expect(said.text.contains("1 MiB"), "the limit is named: \(said.text)")

            // Without a length it is noticed on the way.
            let chunked = try RawConnection(port: server.port)
            try await chunked.send(
                server.http.head(
                    "POST", Self.path,
                    [
                        "Content-Type": Self.good.contentType, "Transfer-Encoding": "chunked",
                        "Accept": "application/json",
                    ]))
            var start = Self.good
            start.add("files", file: "f.zip", Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 65, count: 3 << 20))
            let bytes = start.bytes
            for offset in stride(from: 0, to: bytes.count, by: 65536) {
                let piece = bytes[offset..<min(offset + 65536, bytes.count)]
                let sent: Void? = try? await chunked.send(
                    Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [13, 10])
                if sent == nil { break }
            }
            #expect(try await Answer(parsing: chunked.receiveAll()).status == 413)
            try await expectNothingKept(server)
        }
    }

    @Test func `files are judged by their bytes`() async throws {
        try await KilnServer.running { server in
            let gif = try await server.http.post(
                Self.path, Self.good.with("wallpaper", file: "photo.png", Pictures.gif))
            #expect(gif.status == 415)
            let said = gif.faults["wallpaper"] ?? ""
            #expect(said.contains("GIF") && said.contains("PNG"), "both names: \(gif.text)")

            let large = try await server.http.post(
                Self.path,
                Self.good.with(
                    "wallpaper", file: "large.png", Pictures.png(width: 30000, height: 30000, isHeaderOnly: true)))
            #expect(large.status == 422)
            #expect(large.faults["wallpaper"]?.contains("picture_too_large") == true, "\(large.text)")

            let damaged = try await server.http.post(
                Self.path,
                Self.good.with(
                    "wallpaper", file: "half.png", Array(Pictures.png(width: 400, height: 400).dropLast(200))))
            #expect(damaged.status == 422)
            #expect(damaged.faults["wallpaper"]?.contains("picture_damaged") == true, "\(damaged.text)")
            try await expectNothingKept(server)
        }
    }

    @Test func `what hides behind a picture is gone when a build sees it`() async throws {
        try await KilnServer.running { server in
            let tail = Array("<html><script>alert(1)</script></html>MZ\u{90}\u{0}".utf8)
            let answer = try await server.http.post(
                Self.path, Self.good.with("wallpaper", file: "w.png", Pictures.png(width: 64, height: 64) + tail))
            if answer.status == 202 {
                let build = try JSONDecoder().decode(RemoteBuild.self, from: Data(answer.body))
                _ = try await server.told(build.id)
                let place = server.folder.path("uploads")
                for name in FileManager.default.enumerator(atPath: place)?.allObjects as? [String] ?? [] {
                    guard let bytes = FileManager.default.contents(atPath: "\(place)/\(name)") else { continue }
                    #expect(!String(decoding: bytes, as: UTF8.self).contains("<script>"), "\(name)")
                }
            } else {
                #expect(answer.status == 422, "\(answer.text)")
            }
        }
    }

    @Test func `archives that would do harm get 422 that names the entry`() async throws {
        try await KilnServer.running { server in
            let folder = server.folder.path("archives")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let script = """
                import zipfile, tarfile, io, stat
                with zipfile.ZipFile('bomb.zip', 'w', zipfile.ZIP_DEFLATED) as z: z.writestr('zeros', b'\\0' * 60_000_000)
                with zipfile.ZipFile('climb.zip', 'w') as z: z.writestr('../../etc/passwd', 'x')
                with zipfile.ZipFile('link.zip', 'w') as z:
                    i = zipfile.ZipInfo('shortcut'); i.create_system = 3; i.external_attr = (stat.S_IFLNK | 0o777) << 16
                    z.writestr(i, '/etc/passwd')
                with tarfile.open('link.tar', 'w') as t:
                    i = tarfile.TarInfo('shortcut'); i.type = tarfile.SYMTYPE; i.linkname = '/etc/passwd'; t.addfile(i)
                with tarfile.open('device.tar', 'w') as t:
                    i = tarfile.TarInfo('device'); i.type = tarfile.CHRTYPE; i.devmajor = 1; i.devminor = 3; t.addfile(i)
                with zipfile.ZipFile('absolute.zip', 'w') as z: z.writestr('/etc/shadow', 'x')
                """
            let made = try await run(
                "sh", "-c", "cd '\(folder)' && exec python3 -c \"$SCRIPT\"", environment: ["SCRIPT": script])
            try #require(made.code == 0, "\(made.text)")
            let entries = [
                "bomb.zip": "zeros", "climb.zip": "../../etc/passwd", "link.zip": "shortcut", "link.tar": "shortcut",
                "device.tar": "device", "absolute.zip": "/etc/shadow",
            ]
            for (name, entry) in entries {
                let bytes = [UInt8](try #require(FileManager.default.contents(atPath: "\(folder)/\(name)")))
                let answer = try await server.http.post(Self.path, Self.good.with("files", file: name, bytes))
                #expect(answer.status == 422, "\(name): \(answer.text)")
                #expect(answer.faults["files"]?.contains(entry) == true, "\(name): \(answer.text)")
            }
            try await expectNothingKept(server)
        }
    }

    @Test func `all faults of a form are told together (P8)`() async throws {
        try await KilnServer.running { server in
            let form = Form([
                ("email", "nobody"), ("name", String(repeating: "x", count: 21)), ("homepage", "javascript:alert(1)"),
                ("code", "abc"), ("mode", "fastest"), ("surprise", "1"), ("seconds", "1"), ("seconds", "2"),
            ])
            let answer = try await server.http.post(Self.path, form)
            #expect(answer.status == 422)
            #expect(answer.headers["content-type"] == "application/problem+json")
            let faults = answer.faults.mapValues { $0.split(separator: ":").first.map(String.init) }
            #expect(
                faults == [
                    "email": "not_an_address", "name": "too_long", "homepage": "not_a_web_address",
                    "code": "pattern_mismatch", "mode": "not_a_choice", "surprise": "unknown_field",
                    "seconds": "repeated",
                ])
            let missing = try await server.http.post(Self.path, Form([("homepage", "https://example.org")]))
            #expect(missing.status == 422)
            #expect(Set(missing.faults.keys) == ["email", "name"])

            let page = try await server.http.post(Self.path, form, ["Accept": "text/html"])
            #expect(page.status == 422)
            #expect(page.text.contains("7 things") || page.text.contains("things need mending"), "a page for people")
            #expect(page.text.contains("value=\"nobody\""), "what was typed is kept")
            try await expectNothingKept(server)
        }
    }

    @Test(arguments: [
        "$(id)", "`id`;'\"", "a\u{202E}b", "🦄 Ünïcødé", "אבג", "--help", "../../x", "%s%n{{name}}", "<b>&amp;</b>",
    ])
    func `hostile names are built as text (P5)`(_ name: String) async throws {
        try await KilnServer.running { server in
            let answer = try await server.http.post(Self.path, Form([("email", "ada@example.org"), ("name", name)]))
            if answer.status == 422 {
                #expect(answer.faults["name"]?.hasPrefix("forbidden_characters") == true, "\(answer.text)")
                return
            }
            let id = try JSONDecoder().decode(RemoteBuild.self, from: Data(answer.body)).id
            let build = try await server.told(id)
            let text = String(decoding: try await server.download(#require(build.artifacts.first)), as: UTF8.self)
            #expect(text.contains("name: \(name)\n"))
            let page = try await server.http.get("/builds/\(id)").text
            #expect(!page.contains("<b>"), "encoded on the page")
            #expect(server.mail.messages(about: id).first?.header("Subject") != nil)
        }
    }

    @Test func `a name of two lines is refused in plain words`() async throws {
        try await KilnServer.running { server in
            let answer = try await server.http.post(
                Self.path, Form([("email", "ada@example.org"), ("name", "a\r\nBcc: x@y.z")]))
            #expect(answer.status == 422)
            #expect(answer.faults["name"]?.hasPrefix("forbidden_characters") == true, "\(answer.text)")
        }
    }

    @Test func `what nobody may know does not exist (P4)`() async throws {
        try await KilnServer.running { server in
            let first = try await server.told(server.submit(Self.good))
            let second = try await server.told(server.submit(Form([("email", "bob@example.org"), ("name", "Bob")])))
            var forged = first.id
            forged.replaceSubrange(forged.index(before: forged.endIndex)..., with: forged.hasSuffix("0") ? "1" : "0")
            for path in [
                "/builds/\(forged)", "/api/v1/builds/\(forged)", "/builds/\(forged)/log", "/now?build=\(forged)",
            ] {
                let answer = try await server.http.get(path)
                #expect(answer.status == 404, "\(path)")
                #expect(!answer.text.contains("Ada"))
            }
            for path in [
                "/uploads/forged/wallpaper.png", "/uploads/\(first.id)/x",
                "/builds/\(first.id)/artifacts/..%2Fkiln.sqlite",
            ] {
                #expect(try await server.http.get(path).status == 404, "\(path)")
            }
            // One build's page, log and files show nothing of another's.
            for path in ["/builds/\(first.id)", "/builds/\(first.id)/log", "/api/v1/builds/\(first.id)"] {
                let text = try await server.http.get(path).text
                #expect(!text.contains("Bob") && !text.contains(second.id), "\(path)")
            }
            #expect(server.mail.messages(about: first.id).allSatisfy { !$0.plain.contains(second.id) })
            #expect(try await server.http.get("/api/v1/builds").status == 404, "builds are not listed")
        }
    }

    @Test func `forms of other sites are not taken`() async throws {
        try await KilnServer.running { server in
            for headers in [["Sec-Fetch-Site": "cross-site"], ["Origin": "https://evil.example"], ["Origin": "null"]] {
                let answer = try await server.http.post(Self.path, Self.good, headers)
                #expect(answer.status == 403, "\(headers)")
            }
            let own = [
                "Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1:\(server.port)", "Accept": "text/html",
            ]
            let answer = try await server.http.post(Self.path, Self.good, own)
            #expect(answer.status == 303)
            let id = try #require(answer.headers["location"]?.split(separator: "/").last.map(String.init))
            let foreign = try await server.http.post(
                "/builds/\(id)/cancel", Form(), ["Sec-Fetch-Site": "cross-site", "Accept": "text/html"])
            #expect(foreign.status == 403)
            #expect(try await server.told(id).state == "succeeded")
        }
    }
}

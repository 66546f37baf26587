import Domain
import Foundation
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct `Downloads` {
    private static let bytes = Array("0123456789".utf8)

    @Test func `P9: an artifact comes whole, named, with the digest of its bytes`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            let big = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let artifact = try await server.finish(build.id, product: big, named: "Ada's ISO é.iso")
            let json = try JSON(parsing: try await server.client.get("/api/v1/builds/\(build.id)").body)
            guard case .array(let artifacts) = json["artifacts"], case .string(let url) = artifacts[0]["url"] else {
                Issue.record("no artifact in \(json.text)")
                return
            }
            #expect(url == "http://127.0.0.1:\(server.port)/builds/\(build.id)/artifacts/Ada%27s%20ISO%20%C3%A9.iso")
            let path = String(url.dropFirst("http://127.0.0.1:\(server.port)".count))
            let answer = try await server.client.get(path)
            #expect(answer.status == 200)
            // Compared outside: a failed expectation would print a million numbers.
            let isSame = answer.body == big
            #expect(isSame)
            #expect(answer["Content-Length"] == "1000000")
            #expect(
                answer["Content-Disposition"]
                    == "attachment; filename=\"Ada's_ISO__.iso\"; filename*=UTF-8''Ada%27s%20ISO%20%C3%A9.iso")
            #expect(answer["ETag"] == "\"\(artifact.sha256)\"")
            #expect(answer["Repr-Digest"] == "sha-256=:\(ArtifactRoutes.digest(hex: artifact.sha256) ?? ""):")
            #expect(answer["X-Content-Type-Options"] == "nosniff")
            #expect(answer["Content-Security-Policy"] == "default-src 'none'; sandbox")
            let head = try await server.client.send("HEAD", path)
            #expect(head.status == 200 && head.body.isEmpty && head["Content-Length"] == "1000000")
        }
    }

    @Test(
        arguments: [
            ("bytes=2-4", 206, "234", "bytes 2-4/10"), ("bytes=7-", 206, "789", "bytes 7-9/10"),
            ("bytes=-3", 206, "789", "bytes 7-9/10"), ("bytes=0-99", 206, "0123456789", "bytes 0-9/10"),
            ("bytes=10-", 416, nil, "bytes */10"), ("bytes=-0", 416, nil, "bytes */10"),
            ("bytes=0-1,3-4", 200, "0123456789", nil), ("bytes=4-2", 200, "0123456789", nil),
            ("lines=1-2", 200, "0123456789", nil), ("bytes=x", 200, "0123456789", nil),
            ("bytes=99999999999999999999-", 416, nil, "bytes */10"),
        ] as [(String, Int, String?, String?)])
    func `ranges are answered as RFC 9110 says`(
        range: String, status: Int, text: String?, contentRange: String?
    ) async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            _ = try await server.finish(build.id, product: Self.bytes)
            let answer = try await server.client.get("/builds/\(build.id)/artifacts/out.txt", ["Range": range])
            #expect(answer.status == status)
            if let text { #expect(answer.text == text) }
            #expect(answer["Content-Range"] == contentRange)
        }
    }

    @Test func `a download is resumed only of the same bytes`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            let artifact = try await server.finish(build.id, product: Self.bytes)
            let path = "/builds/\(build.id)/artifacts/out.txt"
            let same = try await server.client.get(
                path, ["Range": "bytes=5-", "If-Range": "\"\(artifact.sha256)\""])
            #expect(same.status == 206 && same.text == "56789")
            let other = try await server.client.get(path, ["Range": "bytes=5-", "If-Range": "\"other\""])
            #expect(other.status == 200 && other.text == "0123456789")
            let known = try await server.client.get(path, ["If-None-Match": "\"\(artifact.sha256)\""])
            #expect(known.status == 304 && known.body.isEmpty)
        }
    }

    @Test func `P4: an artifact is found only under its own build, and only what is listed`() async throws {
        try await LiveServer.with { server in
            let one = try await server.makeBuild()
            let other = try await server.makeBuild()
            _ = try await server.finish(one.id, product: Self.bytes)
            for path in [
                "/builds/\(other.id)/artifacts/out.txt", "/builds/\(one.id)/artifacts/..%2F..%2Fkiln.db",
                "/builds/\(one.id)/artifacts/%2e%2e", "/builds/\(one.id)/artifacts/out.tx",
                "/builds/\(one.id)/artifacts/out.txt%00", "/builds/\(one.id)/artifacts/%ff",
            ] {
                let answer = try await server.client.get(path)
                #expect(answer.status == 404, "\(path)")
            }
        }
    }

    @Test func `a product that is being tried out is not given away yet, a picture is shown`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            let attempt = try await server.start(build.id)
            try await server.apply(.runSucceeded(of: attempt), to: build.id)
            let product = try await server.keep(Self.bytes, named: "a.iso", role: .product, type: "x/y", of: build.id)
            try await server.apply(.collected([product], of: attempt, needsVerification: true), to: build.id)
            #expect(try await server.client.get("/builds/\(build.id)/artifacts/a.iso").status == 404)
            let picture = try await server.keep(
                Self.bytes, named: "boot.png", role: .picture, type: "image/png", of: build.id)
            try await server.apply(.verified(pictures: [picture], of: attempt), to: build.id)
            let answer = try await server.client.get("/builds/\(build.id)/artifacts/boot.png")
            #expect(answer["Content-Type"] == "image/png")
            #expect(answer["Content-Disposition"]?.hasPrefix("inline") == true)
            #expect(try await server.client.get("/builds/\(build.id)/artifacts/a.iso").status == 200)
        }
    }

    @Test func `expired files say that they are gone`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            _ = try await server.finish(build.id, product: Self.bytes)
            try await server.store.recordFilesRemoved(of: build.id, at: server.clock.now())
            for part in ["artifacts/out.txt", "log"] {
                let answer = try await server.client.get("/builds/\(build.id)/\(part)")
                #expect(answer.status == 410)
                #expect(try JSON(parsing: answer.body)["code"] == "expired")
            }
        }
    }

    @Test func `a log is plain text without terminal sequences, in ranges of what is shown`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            try await server.appendLog("\u{1B}[31mred\u{1B}[0m\r\nprogress 1\rprogress 2\n<b>ü</b>\n", to: build.id)
            let text = "red\nprogress 1\nprogress 2\n<b>ü</b>\n"
            let answer = try await server.client.get("/builds/\(build.id)/log")
            #expect(answer.text == text)
            #expect(answer["Content-Type"] == "text/plain; charset=utf-8")
            #expect(answer["X-Content-Type-Options"] == "nosniff")
            let part = try await server.client.get("/builds/\(build.id)/log", ["Range": "bytes=4-13"])
            #expect(part.status == 206 && part.text == "progress 1")
            let tag = try #require(answer["ETag"])
            #expect(try await server.client.get("/builds/\(build.id)/log", ["If-None-Match": tag]).status == 304)
            try await server.appendLog("more\n", to: build.id)
            #expect(
                try await server.client.get("/builds/\(build.id)/log", ["If-None-Match": tag]).text == text + "more\n")
        }
    }

    @Test func `with its colours a log is what is stored; ranges and ETag are of what is served`() async throws {
        try await LiveServer.with { server in
            let build = try await server.makeBuild()
            let stored = "one\n\u{1B}[0;1;31mred\u{1B}[0m\nlast\n"
            try await server.appendLog(stored, to: build.id)
            let (plain, colored) = ("/builds/\(build.id)/log", "/builds/\(build.id)/log?ansi=1")
            let answer = try await server.client.get(colored)
            #expect(answer.text == stored)
            #expect(try await server.client.get(plain).text == "one\nred\nlast\n")
            let bytes = Array(stored.utf8)
            for start in bytes.indices {
                let part = try await server.client.get(colored, ["Range": "bytes=\(start)-\(start + 2)"])
                #expect(part.status == 206 && part.body == Array(bytes[start...].prefix(3)))
            }
            let part = try await server.client.get(plain, ["Range": "bytes=4-6"])
            #expect(part.text == "red" && part["Content-Range"] == "bytes 4-6/13")
            let tag = try #require(answer["ETag"])
            #expect(try await server.client.get(colored, ["If-None-Match": tag]).status == 304)
            #expect(try await server.client.get(plain, ["If-None-Match": tag]).status == 200)
        }
    }

    @Test func `P4: an upload is read only with its own capability, which runs out`() async throws {
        var recipe = Recipe.sample()
        let file = FieldName(unchecked: "file")
        recipe.fields.append(
            Field(name: file, label: "File", kind: .file(FileRule(accept: ["text/plain"], maxBytes: 1000))))
        var options = LiveServer.Options()
        options.recipes = [recipe]
        try await LiveServer.with(options) { server in
            let form = TestClient.form(
                `Submissions`.ada, files: [("file", "../../x.html", Array("just a text\n".utf8))])
            let answer = try await server.client.post(
                "/recipes/sample/builds", ["Content-Type": form.type, "Accept": "application/json"], body: form.body)
            guard answer.status == 202, case .string(let id) = try JSON(parsing: answer.body)["id"],
                let build = try await server.store.build(BuildID(unchecked: id)),
                case .upload(let upload) = build.inputs[file]
            else {
                Issue.record("not accepted: \(answer.text)")
                return
            }
            let token = server.signer.sign(.upload(upload.id, until: server.clock.now() + .seconds(60)))
            let got = try await server.client.get("/uploads/\(token)/x.html")
            #expect(got.status == 200 && got.text == "just a text\n")
            #expect(got["Content-Type"] == "application/octet-stream")
            #expect(got["Content-Disposition"]?.hasPrefix("attachment") == true)
            for forged in [String(token.dropLast()) + "A", upload.id.text, "x", token + "A"] where forged != token {
                let answer = try await server.client.get("/uploads/\(forged)/x.html")
                #expect(answer.status == 404)
            }
            server.clock.advance(by: .seconds(61))
            #expect(try await server.client.get("/uploads/\(token)/x.html").status == 404)
        }
    }
}

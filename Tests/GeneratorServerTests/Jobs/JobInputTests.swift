import BuildRunner
import Crypto
import Domain
import Foundation
import Intake
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct `Job inputs` {
    @Test func `build.json says all that a job may know, and nothing private, P7`() async throws {
        try await LiveServer.withRemote { server in
            let job = try await server.job()
            let answer = try await server.client.get("\(job.folder)/build.json")
            #expect(answer.status == 200 && answer["Content-Type"] == "application/json")
            #expect(answer["Cache-Control"] == "no-store" && answer["Referrer-Policy"] == "no-referrer")
            let json = try JSON(parsing: answer.body)
            let origin = "http://127.0.0.1:\(server.port)"
            #expect(json["id"] == .string(job.build.id.text) && json["attempt"] == .string(job.attempt.publicKey))
            #expect(json["recipe"]?["id"] == "sample")
            #expect(json["submitted_at"] == .string(job.build.createdAt.description))
            #expect(json["callback"]?["url"] == .string(origin + job.callback))
            #expect(json["callback"]?["token"] == .string(job.token))
            #expect(json["fields"]?["features"] == ["clock", "network"])
            #expect(json["fields"]?["email"] == nil && json["fields"]?["secret"] == nil)
            #expect(json["parameters"]?["KILN_ATTEMPT"] == .string(job.attempt.publicKey))
            #expect(json["parameters"]?["KILN_URL"] == .string(origin + job.folder))
            #expect(json["bundle"]?["url"] == .string("\(origin)\(job.folder)/inputs.tar.gz"))
            guard case .array(let inputs) = json["inputs"], inputs.count == 1 else {
                Issue.record("no inputs in \(answer.text)")
                return
            }
            #expect(inputs[0]["field"] == "wallpaper" && inputs[0]["name"] == "sky at night.txt")
            #expect(inputs[0]["bytes"] == 6 && inputs[0]["content_type"] == "text/plain")
            #expect(!answer.text.contains("ada@example.org") && !answer.text.contains("hush"))
            // What a shell script goes by: each on a line of its own, and no value can look like it.
            let lines = answer.text.split(separator: "\n")
            #expect(lines.count { $0 == "  \"callback\": {" } == 1)
            #expect(lines.contains { $0 == "    \"token\": \"\(job.token)\"" })
        }
    }

    @Test func `one file comes whole, in ranges and as a head, and the page says that it was fetched`() async throws {
        try await LiveServer.withRemote { server in
            let job = try await server.job()
            let json = try JSON(parsing: try await server.client.get("\(job.folder)/build.json").body)
            guard case .array(let inputs) = json["inputs"], case .string(let url) = inputs[0]["url"] else {
                Issue.record("no link")
                return
            }
            let path = String(url.dropFirst("http://127.0.0.1:\(server.port)".count))
            let head = try await server.client.send("HEAD", path)
            #expect(head.status == 200 && head["Content-Length"] == "6" && head.body.isEmpty)
            let first = try await server.client.get(path, ["Range": "bytes=0-2"])
            #expect(first.status == 206 && first.text == "nig")
            let fetched = { try await server.store.timeline(of: job.build.id, after: 0).filter { $0.note != nil } }
            #expect(try await fetched().isEmpty, "not all of it was fetched")
            for _ in 0..<2 {
                let answer = try await server.client.get(path)
                #expect(answer.text == "night\n" && answer["Cache-Control"] == "no-store")
                #expect(answer["ETag"] != nil && answer["Repr-Digest"]?.hasPrefix("sha-256=:") == true)
            }
            let entries = try await fetched()
            #expect(entries.map(\.event) == ["inputFetched"] && entries.map(\.note) == ["sky at night.txt"])
        }
    }

    @Test(arguments: [nil, [FieldName.sampleName, .secret], []] as [[FieldName]?])
    func `the bundle holds what local builds are given, of the fields that the recipe names`(
        bundle: [FieldName]?
    ) async throws {
        try await LiveServer.withRemote(bundle: bundle) { server in
            let job = try await server.job()
            let answer = try await server.client.get("\(job.folder)/inputs.tar.gz")
            #expect(answer.status == 200 && answer["Content-Type"] == "application/gzip")
            #expect(answer["Cache-Control"] == "no-store" && answer["Content-Length"] == nil)
            let file = server.folder.path("inputs.tar.gz")
            try Data(answer.body).write(to: URL(filePath: file))
            let list = try await run("/bin/tar", ["-tzf", file])
            var names = ["build.json", "fields/", "files/"]
            if bundle == nil { names += ["fields/name", "fields/features", "files/wallpaper"] }
            if bundle?.isEmpty == false { names += ["fields/name"] }
            #expect(list.output.split(separator: "\n").map(String.init).sorted() == names.sorted())
            let document = try await run("/bin/tar", ["-xzOf", file, "build.json"])
            #expect(!document.output.contains(job.token) && !document.output.contains("callback\": {\n"))
            let isAll = bundle == nil
            if isAll {
                let text = try await run("/bin/tar", ["-xzOf", file, "fields/features", "files/wallpaper"])
                #expect(text.output == "clock\nnetworknight\n")
            }
            let fetched = try await server.store.timeline(of: job.build.id, after: 0).count {
                $0.event == "inputFetched"
            }
            #expect(fetched == (isAll ? 1 : 0))
        }
    }

    @Test func `a bundle of 64 MiB passes through whole to a slow reader`() async throws {
        try await LiveServer.withRemote { server in
            var generator = SystemRandomNumberGenerator()
            let block = (0..<1 << 20).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let upload = try server.keepUpload([])
            let handle = try FileHandle(forWritingTo: URL(filePath: server.uploads.path(of: upload.id)))
            for _ in 0..<64 { try handle.write(contentsOf: block) }
            try handle.close()
            let job = try await server.job(upload)
            let connection = try RawConnection(port: server.port, patience: 60, receiveBuffer: 64 << 10)
            try await connection.send(
                "GET \(job.folder)/inputs.tar.gz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            // That it is made piece by piece as it is asked for (P6), the stream's own tests show.
            var received = 0
            while case let bytes = try await connection.receive(), !bytes.isEmpty { received += bytes.count }
            #expect(received > 64 << 20)
        }
    }

    @Test func `P4: what is given to a run ends with its attempt`() async throws {
        try await LiveServer.withRemote { server in
            let job = try await server.job()
            let input = "/uploads/\(server.signer.sign(.input(job.build.inputs.uploads[0].id, job.attempt)))/a"
            let paths = ["\(job.folder)/build.json", "\(job.folder)/inputs.tar.gz", input]
            for path in paths { #expect(try await server.client.get(path).status == 200, "triggering") }
            try await server.apply(
                .triggered(Run(attempt: job.attempt, provider: "local", id: "7", url: nil)), to: job.build.id)
            for path in paths { #expect(try await server.client.get(path).status == 200, "running") }
            let lost = Failure(kind: .infrastructure, message: "Lost.")
            try await server.apply(.attemptLost(job.attempt, lost), to: job.build.id)
            for path in paths { #expect(try await server.client.get(path).status == 404, "queued again") }
            let second = Attempt(number: 2, of: job.build.id)
            try await server.apply(.claimed(second), to: job.build.id)
            for path in paths { #expect(try await server.client.get(path).status == 404, "another attempt") }
            let folder = "/uploads/\(server.signer.sign(.job(second)))"
            #expect(try await server.client.get("\(folder)/build.json").status == 200)
            try await server.apply(.cancelled, to: job.build.id)
            #expect(try await server.client.get("\(folder)/build.json").status == 404)
        }
    }

    @Test func `P4: a token opens what it was made for, of its own build`() async throws {
        try await LiveServer.withRemote { server in
            let job = try await server.job()
            let other = try await server.job(try server.keepUpload([1], named: "b"))
            let foreign = server.signer.sign(.input(other.build.inputs.uploads[0].id, job.attempt))
            let own = server.signer.sign(.input(job.build.inputs.uploads[0].id, job.attempt))
            for path in [
                "/uploads/\(foreign)/a", "/uploads/\(job.token)/build.json", "\(job.folder)/files",
                "\(job.folder)x/build.json",
                "/uploads/\(server.signer.sign(.job(Attempt(number: 1, key: "none"))))/build.json",
                "/uploads/\(job.attempt.key)/build.json",
            ] {
                let answer = try await server.client.get(path)
                #expect(answer.status == 404 && answer["Cache-Control"] == "no-store", "\(path)")
            }
            // It is a file's name to its holder, whatever stands there.
            #expect(try await server.client.get("/uploads/\(own)/build.json").text == "night\n")
        }
    }

    @Test func `P7: no log line holds a capability or a token`() async throws {
        try await LiveServer.withRemote { server in
            let job = try await server.job()
            _ = try await server.client.get("\(job.folder)/build.json")
            _ = try await server.client.get("\(job.folder)/inputs.tar.gz?again=\(job.token)")
            _ = try await server.report(job, #"{"phase":"x"}"#)
            _ = try await server.report(job, "nonsense", token: job.token + "A")
            _ = try await server.client.send("HEAD", job.file("a.iso"), ["Authorization": job.bearer])
            let log = server.log.lines.joined(separator: "\n")
            #expect(log.contains("route=/uploads/{capability}/{name}"))
            #expect(
                !log.contains(job.token) && !log.contains(job.folder.dropFirst(9)) && !log.contains(job.build.id.text))
        }
    }
}

@Suite struct `JobLinks` {
    @Test func `every kind of capability is read back as itself, and no other key makes it`() throws {
        let signer = CapabilitySigner(key: SymmetricKey(size: .bits256))
        let attempt = Attempt(number: 3, of: BuildID(unchecked: "01hzzzzzzzzzzzzzzzzzzzzzzz"))
        let upload = UploadID(unchecked: "01hyyyyyyyyyyyyyyyyyyyyyyy")
        let now = Timestamp(milliseconds: 5)
        var tokens: Set<String> = []
        for capability: Capability in [
            .job(attempt), .input(upload, attempt), .callback(attempt), .upload(upload, until: now + .seconds(1)),
            .job(Attempt(number: 4, of: BuildID(unchecked: "01hzzzzzzzzzzzzzzzzzzzzzzz"))),
        ] {
            let token = signer.sign(capability)
            tokens.insert(token)
            #expect(signer.capability(of: token, at: now) == capability)
            #expect(signer.sign(capability) == token, "the same again after a restart")
            var base64 = token.replacing("-", with: "+").replacing("_", with: "/")
            base64 += String(repeating: "=", count: (4 - base64.count % 4) % 4)
            let bytes = try #require(Data(base64Encoded: base64))
            #expect(bytes.firstRange(of: Data("01hzzzz".utf8)) == nil, "a token does not tell the build (P4)")
            #expect(CapabilitySigner(key: SymmetricKey(size: .bits256)).capability(of: token, at: now) == nil)
            for place in token.indices.dropLast() {
                var forged = token
                forged.replaceSubrange(place...place, with: token[place] == "A" ? "B" : "A")
                #expect(signer.capability(of: forged, at: now) == nil)
            }
        }
        #expect(tokens.count == 5)
    }

    @Test func `links stand on the public origin`() {
        let signer = CapabilitySigner(key: SymmetricKey(size: .bits256))
        let links = SiteMap(publicURL: "https://kiln.example/").jobLinks(signer: signer)
        let build = BuildID(unchecked: "01hzzzzzzzzzzzzzzzzzzzzzzz")
        #expect(links.callback(build) == "https://kiln.example/builds/\(build)/callback")
        #expect(links.page(build) == "https://kiln.example/builds/\(build)")
        #expect(
            signer.capability(of: links.token(Attempt(number: 1, of: build)), at: Timestamp(milliseconds: 0)) != nil)
    }
}

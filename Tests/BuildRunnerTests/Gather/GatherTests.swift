import Archives
import BuildRunner
import Domain
import Foundation
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3)))
struct GatherTests {
    private func content(of name: String, in upload: Upload, _ kiln: Kiln) async throws -> String {
        let bytes = try await ArchiveInspector().readEntry(
            named: name, fileAt: kiln.directory.path("uploads/\(upload.id)"), format: .zip, limits: ArchiveLimits())
        return String(decoding: bytes, as: UTF8.self)
    }

    private func upload(_ build: Build) throws -> Upload {
        guard case .upload(let upload)? = build.inputs[.fetched] else { throw Kiln.Unexpected.state("\(build.inputs)") }
        return upload
    }

    @Test
    func `Documents and pictures are fetched before the run, and given to it as one file`() async throws {
        let event = try await PlayedEvent(pictures: ["/logo.png", "/gone.png", "/page.png"])
        event["/page.png"] = .init(
            200, headers: ["Content-Type": "image/png"], body: Array("<!DOCTYPE html><html>".utf8))
        let kiln = try await Kiln(
            recipe: .gathered(),
            scripts: Kiln.gatherScripts.merging([
                "build.sh": """
                #!/bin/sh
                python3 -m zipfile -l "$KILN_INPUTS/files/fetched" > "$KILN_OUT/list.txt"
                cat "$KILN_INPUTS/build.json" > "$KILN_OUT/build.txt"
                """
            ]) { $1 })
        let id = try await kiln.submit(fetching: "\(event.url)/api/?key=s3cret")
        let build = try await kiln.working(try kiln.gatheringShop()) { try await kiln.ended(id) }
        #expect(build.state == .succeeded)
        let upload = try upload(build)
        #expect(upload.name == "fetched.zip" && upload.contentType == "application/zip")
        let list = String(decoding: try await kiln.content("list.txt", of: id), as: UTF8.self)
        for name in ["fetched.json", "documents/event", "documents/types", "pictures/00.bin"] {
            #expect(list.contains(name), "\(list)")
        }
        #expect(!list.contains("01.bin") && !list.contains("02.bin"))
        #expect(String(decoding: try await kiln.content("build.txt", of: id), as: UTF8.self).contains(upload.sha256))

        let facts = try #require(JSONValue(Array(try await content(of: "fetched.json", in: upload, kiln).utf8)))
        let (documents, pictures) = (facts["documents"]?.elements, facts["pictures"]?.elements)
        #expect(facts["from"]?.string == "\(event.url)/api/", "without the query (P7)")
        #expect(documents?[0]["status"]?.count == 200)
        #expect(pictures?[0]["content_type"]?.string == "image/png", "by its bytes (P9)")
        #expect(pictures?[1]["error"]?.string == "answered with status 404")
        #expect(pictures?[2]["error"]?.string == "is no picture but a web page (HTML)")
        let fetched = try await kiln.store.timeline(of: id, after: 0).filter { $0.event == "fetched" }
        #expect(fetched.map(\.note) == ["2 documents and 1 of 3 pictures from 127.0.0.1"])
        let log = try await kiln.log(id)
        #expect(log.contains("not there: \(event.url)/gone.png answered with status 404"))
        #expect(!log.contains("s3cret"))
        #expect(event.server.requests.filter { $0.path.hasPrefix("/api") }.allSatisfy { $0.query["key"] == "s3cret" })
        #expect(try await kiln.strayUploads().isEmpty)
    }

    @Test
    func `What the check notes of what was fetched stands on the page and in the log (P8)`() async throws {
        let event = try await PlayedEvent()
        event["/api/event"] = .json(#"{"title": "Unconf", "notes": ["Only the first\npage was read.", "", "Two."]}"#)
        let kiln = try await Kiln(recipe: .gathered(), scripts: Kiln.gatherScripts)
        let id = try await kiln.submit(fetching: "\(event.url)/api")
        let shop = try kiln.gatheringShop(ScriptedProvider(isInstant: true))
        _ = try await kiln.working(shop) { try await kiln.ended(id) }
        let said = "2 documents from 127.0.0.1. Only the first page was read. Two"
        let fetched = try await kiln.store.timeline(of: id, after: 0).first { $0.event == "fetched" }
        #expect(fetched?.note == said)
        #expect(try await kiln.log(id).contains(said))
    }

    @Test
    func `The same contents make the same bytes`() async throws {
        let event = try await PlayedEvent(pictures: ["/logo.png"])
        let kiln = try await Kiln(recipe: .gathered(), scripts: Kiln.gatherScripts)
        let (one, other) = (
            try await kiln.submit(fetching: "\(event.url)/api"), try await kiln.submit(fetching: "\(event.url)/api")
        )
        let provider = ScriptedProvider(isInstant: true)
        let builds = try await kiln.working(try kiln.gatheringShop(provider)) {
            [try await kiln.ended(one), try await kiln.ended(other)]
        }
        #expect(Set(try builds.map { try upload($0).sha256 }).count == 1)
    }

    struct Trouble: Sendable, CustomTestStringConvertible {
        var name: String
        var trouble: PlayerServer.Trouble
        var times = 1
        var says: String
        var testDescription: String { name }
    }

    @Test(arguments: [
        Trouble(name: "404", trouble: .answer(.init(404)), says: "/api/event answered with status 404."),
        Trouble(
            name: "503 twice", trouble: .answer(.init(503)), times: 2, says: "/api/event answered with status 503."),
        Trouble(name: "cut twice", trouble: .cut, times: 2, says: "/api/event broke off its answer."),
        Trouble(
            name: "10 GB announced", trouble: .answer(.init(200, headers: ["Content-Length": "10000000000"])),
            says: "/api/event is larger than the 1 MiB that are taken."),
        Trouble(name: "endless", trouble: .endless, says: "/api/event is larger than the 1 MiB that are taken."),
        Trouble(
            name: "to the clouds' metadata",
            trouble: .answer(.init(302, headers: ["Location": "http://169.254.169.254/latest"])),
            says: "leads to an address that is not a public one"),
        Trouble(
            name: "to the next address of this machine",
            trouble: .answer(.init(307, headers: ["Location": "http://127.0.0.2:1/"])),
            says: "leads to an address that is not a public one"),
        Trouble(
            name: "to a file", trouble: .answer(.init(301, headers: ["Location": "file:///etc/passwd"])),
            says: "leads to an address that is not a public one"),
        Trouble(
            name: "HTML", trouble: .answer(.init(200, body: Array("<html>".utf8))),
            says: "The data cannot be used: event: This is no JSON"),
        Trouble(
            name: "what the check refuses", trouble: .answer(.json("{}")),
            says: "The data cannot be used: event: There is no title Give it one."),
    ])
    func `What cannot be fetched or used ends the build, and says which and why (P8)`(_ case: Trouble) async throws {
        let event = try await PlayedEvent()
        event.server.plan(`case`.trouble, times: `case`.times) { $0.path == "/api/event" }
        let kiln = try await Kiln(recipe: .gathered(), scripts: Kiln.gatherScripts)
        let provider = ScriptedProvider(isInstant: true)
        let id = try await kiln.submit(fetching: "\(event.url)/api?key=s3cret")
        let build = try await kiln.working(try kiln.gatheringShop(provider)) { try await kiln.ended(id) }
        let failure = try #require(build.failure)
        #expect(failure.kind == .input)
        #expect(failure.message.contains(`case`.says), "\(failure.message)")
        #expect(!failure.message.contains("s3cret"), "(P7)")
        #expect(provider.triggers == 0)
        #expect(build.inputs.uploads.isEmpty)
        #expect(try await kiln.strayUploads().isEmpty)
        let checks = try? FileManager.default.contentsOfDirectory(atPath: kiln.directory.path("checks"))
        #expect(checks?.isEmpty != false)
    }

    @Test
    func `What fails once is asked for a second time`() async throws {
        let event = try await PlayedEvent(pictures: ["/logo.png"])
        event.server.plan(.answer(.init(502))) { $0.path == "/api/event" }
        event.server.plan(.refused) { $0.path == "/logo.png" }
        let kiln = try await Kiln(recipe: .gathered(), scripts: Kiln.gatherScripts)
        let id = try await kiln.submit(fetching: "\(event.url)/api")
        let shop = try kiln.gatheringShop(ScriptedProvider(isInstant: true))
        let build = try await kiln.working(shop) { try await kiln.ended(id) }
        #expect(build.state == .succeeded)
        #expect(event.asked.count { $0 == "/api/event" } == 2)
        let fetched = try await kiln.store.timeline(of: id, after: 0).first { $0.event == "fetched" }
        #expect(fetched?.note == "2 documents and 1 picture from 127.0.0.1")
    }

    @Test
    func `A host that is silent holds a build up for the recipe's time and no longer`() async throws {
        let event = try await PlayedEvent()
        event.server.plan(.silence, times: 2)
        let kiln = try await Kiln(recipe: .gathered(time: .seconds(1)), scripts: Kiln.gatherScripts)
        let id = try await kiln.submit(fetching: "\(event.url)/api")
        let shop = try kiln.gatheringShop(ScriptedProvider(isInstant: true))
        let build = try await kiln.working(shop) { try await kiln.ended(id) }
        #expect(build.failure?.kind == .input)
        #expect(build.failure?.message.contains("did not answer in time") == true)
    }

    @Test(arguments: [
        Trouble(name: "silent", trouble: .silence, says: "did not answer in time"),
        Trouble(name: "503 twice", trouble: .answer(.init(503)), times: 2, says: "answered with status 503"),
        Trouble(name: "404", trouble: .answer(.init(404)), says: "answered with status 404"),
    ])
    func `A document that a build can go without is noted where it does not come`(_ case: Trouble) async throws {
        let event = try await PlayedEvent(pictures: ["/logo.png"])
        event.server.plan(`case`.trouble, times: `case`.times) { $0.path == "/api/sessions/types" }
        let kiln = try await Kiln(recipe: .gathered(time: .seconds(6)), scripts: Kiln.gatherScripts)
        let id = try await kiln.submit(fetching: "\(event.url)/api")
        let shop = try kiln.gatheringShop(ScriptedProvider(isInstant: true))
        let build = try await kiln.working(shop) { try await kiln.ended(id) }
        #expect(build.state == .succeeded, "\(build)")
        let facts = JSONValue(Array(try await content(of: "fetched.json", in: try upload(build), kiln).utf8))
        #expect(facts?["documents"]?.elements?[1]["error"]?.string?.contains(`case`.says) == true)
        #expect(facts?["pictures"]?.elements?[0]["status"]?.count == 200, "there is time left for pictures")
        #expect(try await kiln.log(id).contains("not there: \(event.url)/api/sessions/types \(`case`.says)"))
    }

    @Test
    func `A document that leads inwards ends the build, also where it could go without`() async throws {
        let event = try await PlayedEvent()
        event.server.plan(.answer(.init(302, headers: ["Location": "http://169.254.169.254/latest"]))) {
            $0.path == "/api/sessions/types"
        }
        let kiln = try await Kiln(recipe: .gathered(), scripts: Kiln.gatherScripts)
        let id = try await kiln.submit(fetching: "\(event.url)/api")
        let shop = try kiln.gatheringShop(ScriptedProvider(isInstant: true))
        let build = try await kiln.working(shop) { try await kiln.ended(id) }
        #expect(build.failure?.kind == .input)
        #expect(build.failure?.message.contains("not a public one") == true, "\(build.failure?.message ?? "")")
    }

    @Test(arguments: ["http://169.254.169.254/", "http://127.0.0.2:1/x.png", "http://[::1]:1/"])
    func `A picture at an address that is nobody's business ends the build, named`(picture: String) async throws {
        let event = try await PlayedEvent(pictures: ["/logo.png", picture])
        let kiln = try await Kiln(recipe: .gathered(), scripts: Kiln.gatherScripts)
        let id = try await kiln.submit(fetching: "\(event.url)/api")
        let shop = try kiln.gatheringShop(ScriptedProvider(isInstant: true))
        let build = try await kiln.working(shop) { try await kiln.ended(id) }
        #expect(build.failure?.kind == .input)
        #expect(build.failure?.message.hasPrefix(picture) == true, "\(build.failure?.message ?? "")")
    }

    @Test(arguments: ["localhost", "127.0.0.1"])
    func `A name or number of a private address is refused where the operator allows none`(host: String) async throws {
        let event = try await PlayedEvent()
        let kiln = try await Kiln(recipe: .gathered(), scripts: Kiln.gatherScripts)
        let id = try await kiln.submit(fetching: "http://\(host):\(event.server.port)/api")
        let shop = try kiln.gatheringShop(ScriptedProvider(isInstant: true), allowing: [])
        let build = try await kiln.working(shop) { try await kiln.ended(id) }
        #expect(build.failure?.kind == .input)
        #expect(build.failure?.message.contains("not a public one") == true, "\(build.failure?.message ?? "")")
        #expect(event.asked.isEmpty)
    }

    @Test
    func `More pictures than the recipe takes, or more bytes in all, are too many`() async throws {
        let event = try await PlayedEvent(pictures: ["/1.png", "/2.png", "/3.png"])
        for number in 1...3 {
            event["/\(number).png"] = .init(200, body: PlayedEvent.png + Array(repeating: 0, count: 3000))
        }
        let few = try await Kiln(recipe: .gathered(maxPictures: 2), scripts: Kiln.gatherScripts)
        let first = try await few.submit(fetching: "\(event.url)/api")
        let shop = try few.gatheringShop(ScriptedProvider(isInstant: true))
        let failure = try await few.working(shop) { try await few.ended(first).failure }
        #expect(failure?.message == "The data names 3 pictures at web addresses; at most 2 are fetched for a build.")

        let small = try await Kiln(recipe: .gathered(maxBytes: 5000), scripts: Kiln.gatherScripts)
        let second = try await small.submit(fetching: "\(event.url)/api")
        let build = try await small.working(try small.gatheringShop(ScriptedProvider(isInstant: true))) {
            try await small.ended(second)
        }
        let facts = JSONValue(Array(try await content(of: "fetched.json", in: try upload(build), small).utf8))
        let errors = (facts?["pictures"]?.elements ?? []).compactMap { $0["error"]?.string }
        #expect(errors.count == 2 && errors.allSatisfy { $0.contains("in all") }, "\(errors)")
    }

    @Test
    func `A build to which nothing applies is started at once`() async throws {
        let kiln = try await Kiln(recipe: .gathered(), scripts: Kiln.gatherScripts)
        let provider = ScriptedProvider(isInstant: true)
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.gatheringShop(provider)) { try await kiln.ended(id) }
        #expect(build.state == .succeeded && build.inputs[.fetched] == nil)
        #expect(try await !kiln.events(id).contains("fetched"))
    }
}

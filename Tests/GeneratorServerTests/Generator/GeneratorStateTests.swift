import Domain
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct `States of the old generator's API` {
    @Test func `an app goes from PENDING over its phases to SUCCESS and its download`() async throws {
        try await LiveServer.with(LiveServer.generatorOptions) { server in
            let id = try await server.generated()
            #expect(try await server.taskState(id) == ["state": "PENDING"])
            let attempt = Attempt(number: 1, of: id)
            try await server.apply(.claimed(attempt), to: id)
            #expect(try await server.taskState(id) == ["state": "STARTED"])
            try await server.apply(
                .triggered(Run(attempt: attempt, provider: "local", id: "run-1", url: nil)), to: id)
            #expect(try await server.taskState(id) == ["state": "STARTED"])
            try await server.apply(.phaseChanged(Phase(label: "Writing the pages", percent: 45), of: attempt), to: id)
            #expect(try await server.taskState(id) == ["state": "Writing the pages"])
            try await server.apply(.runSucceeded(of: attempt), to: id)
            #expect(try await server.taskState(id) == ["state": "Collecting the files"])
            let app = try await server.keep(
                [1, 2], named: "a.apk", role: .product, type: "application/vnd.android.package-archive", of: id)
            try await server.apply(.collected([app], of: attempt, needsVerification: false), to: id)
            let end = try await server.taskState(id)
            #expect(end == ["result": .string("/api/v2/app/\(id)/download"), "state": "SUCCESS"])
        }
    }

    @Test func `a build that waits for its address is PENDING, and FAILURE when nobody confirms it`() async throws {
        var options = LiveServer.generatorOptions
        options.mail.confirmWithin = .seconds(3600)
        try await LiveServer.with(options) { server in
            let id = try await server.generated()
            #expect(try await server.store.build(id)?.isWaitingForConfirmation == true)
            #expect(try await server.taskState(id) == ["state": "PENDING"])
            try await server.apply(.expired, to: id)
            let end = try await server.taskState(id)
            #expect(end["state"] == "FAILURE")
            #expect(end["result"]?.plain?.hasPrefix("Nobody confirmed the address") == true)
        }
    }

    @Test func `a failure says why`() async throws {
        try await LiveServer.with(LiveServer.generatorOptions) { server in
            let id = try await server.generated()
            let attempt = try await server.start(id)
            let failure = Failure(
                kind: .input, message: "The event's data cannot be used.",
                errorLine: "sessions: [3].speakers[0]: there is no speaker 77")
            try await server.apply(.ended(failure, of: attempt), to: id)
            #expect(
                try await server.taskState(id) == [
                    "result":
                        "The event's data cannot be used. sessions: [3].speakers[0]: there is no speaker 77",
                    "state": "FAILURE",
                ])
            let answer = try await server.client.get("/api/v2/app/\(id)/download")
            #expect(answer.status == 404)
        }
    }

    @Test func `a cancelled app is FAILURE: old clients know no fifth state`() async throws {
        try await LiveServer.with(LiveServer.generatorOptions) { server in
            let id = try await server.generated()
            try await server.apply(.cancelled, to: id)
            #expect(
                try await server.taskState(id)
                    == ["result": "It was cancelled. Nothing more will happen.", "state": "FAILURE"])
        }
    }

    @Test(arguments: ["SUCCESS", "FAILURE", "success", "Revoked", "PENDING"])
    func `what a run calls a phase is never taken for an end`(label: String) {
        #expect(GeneratorState.phase(label) == "STARTED")
        #expect(GeneratorState.phase("Packing the app") == "Packing the app")
    }

    @Test(arguments: ["status", "download"])
    func `ids that were never given out, and builds of other recipes, are not found`(route: String) async throws {
        try await LiveServer.with(LiveServer.generatorOptions) { server in
            let other = try await server.makeBuild()
            for id in [
                "0b7c1a52-8a3c-4a4e-9b8e-4a6f2a1d9c55", "01m7z6rzcka717p36taeh57s2z", "x", "..%2F..%2Fetc", "%ff",
                other.id.text,
            ] {
                let answer = try await server.client.get("/api/v2/app/\(id)/\(route)", ["Accept": "text/html"])
                #expect(answer.status == 404, "\(id)")
                let json = try JSON(parsing: answer.body)
                #expect(json["status"] == "error" && json["code"] == 404)
            }
        }
    }

    @Test func `a status is a 304 while nothing changes, and stays out of shared caches`() async throws {
        try await LiveServer.with(LiveServer.generatorOptions) { server in
            let path = "/api/v2/app/\(try await server.generated())/status"
            let answer = try await server.client.get(path)
            #expect(answer["Cache-Control"] == "private, no-cache")
            let tag = try #require(answer["ETag"])
            #expect(try await server.client.get(path, ["If-None-Match": tag]).status == 304)
            let head = try await server.client.send("HEAD", path)
            #expect(head.status == 200 && head.body.isEmpty)
        }
    }
}

@Suite struct `Downloads of the old generator's API` {
    private static let bytes = Array("PK0123456789".utf8)

    @Test func `P9: the app comes as Android takes it, in ranges, with its digest`() async throws {
        try await LiveServer.with(LiveServer.generatorOptions) { server in
            let id = try await server.generated()
            let path = "/api/v2/app/\(id)/download"
            let early = try await server.client.get(path)
            #expect(early.status == 404)
            #expect(try JSON(parsing: early.body)["reason"] == "no_app")
            try await server.finishApp(id, Self.bytes)
            let answer = try await server.client.get(path)
            #expect(answer.status == 200 && answer.body == Self.bytes)
            #expect(answer["Content-Type"] == "application/vnd.android.package-archive")
            #expect(
                answer["Content-Disposition"] == "attachment; filename=\"mozfest.apk\"; filename*=UTF-8''mozfest.apk")
            #expect(answer["Repr-Digest"]?.hasPrefix("sha-256=:") == true)
            let part = try await server.client.get(path, ["Range": "bytes=2-4"])
            #expect(part.status == 206 && part.text == "012" && part["Content-Range"] == "bytes 2-4/12")
            let tag = try #require(answer["ETag"])
            #expect(try await server.client.get(path, ["If-None-Match": tag]).status == 304)
            let head = try await server.client.send("HEAD", path)
            #expect(head.status == 200 && head.body.isEmpty && head["Content-Length"] == "12")
            let outside = try await server.client.get(path, ["Range": "bytes=99-"])
            #expect(outside.status == 416 && outside["Content-Range"] == "bytes */12")
        }
    }

    @Test func `an app that was kept for its time says so, and its state stays`() async throws {
        try await LiveServer.with(LiveServer.generatorOptions) { server in
            let id = try await server.generated()
            try await server.finishApp(id, Self.bytes)
            try await server.store.recordFilesRemoved(of: id, at: server.clock.now())
            let answer = try await server.client.get("/api/v2/app/\(id)/download")
            #expect(answer.status == 410)
            #expect(try JSON(parsing: answer.body)["reason"] == "expired")
            #expect(try await server.taskState(id)["state"] == "SUCCESS")
        }
    }
}

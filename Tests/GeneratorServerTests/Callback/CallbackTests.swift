import Domain
import Foundation
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct `Callback` {
    @Test func `a run reports, and hears how much has arrived`() async throws {
        try await LiveServer.withRemote { server in
            let job = try await server.job()
            let first = try await server.report(
                job, #"{"phase":"Fetching","percent":5,"log":{"offset":0,"text":"one\n"},"run":{"id":"7"}}"#)
            #expect(first.status == 200 && first["Cache-Control"] == "no-store")
            #expect(
                try JSON(parsing: first.body) == [
                    "files": [], "log_offset": 4, "state": "triggering",
                ], "before the trigger's own answer")
            let report = try #require(try await server.store.report(of: job.attempt))
            #expect(report.phase == Phase(label: "Fetching", percent: 5) && report.runID == "7")
            // Told again, nothing is doubled.
            let again = try await server.report(job, #"{"log":{"offset":0,"text":"one\ntwo\n"}}"#)
            #expect(try JSON(parsing: again.body)["log_offset"] == 8)
            #expect(
                try await server.reportFiles.readLog(of: job.attempt, from: 0, limit: 100) == Array("one\ntwo\n".utf8))
            _ = try await server.report(job, #"{"percent":60}"#)
            #expect(try await server.store.report(of: job.attempt)?.phase == Phase(label: "Fetching", percent: 60))
            _ = try await server.report(job, #"{"result":"failed","message":"No room"}"#)
            _ = try await server.report(job, #"{"result":"succeeded"}"#)
            let end = try await server.store.report(of: job.attempt)
            #expect(end?.result == .failed(message: "No room", kind: .build), "a result once told stays")
        }
    }

    @Test func `lines that leave a gap are refused with the place to go on at`() async throws {
        try await LiveServer.withRemote { server in
            let job = try await server.job()
            _ = try await server.report(job, #"{"log":{"offset":0,"text":"12345"}}"#)
            let gap = try await server.report(job, #"{"log":{"offset":9,"text":"x"},"result":"succeeded"}"#)
            #expect(gap.status == 409 && gap["Upload-Offset"] == "5")
            #expect(try JSON(parsing: gap.body)["code"] == "gap")
            #expect(try await server.store.report(of: job.attempt) == nil, "nothing of it was taken")
            let long = try await server.report(job, #"{"log":{"offset":268435455,"text":"xx"}}"#)
            #expect(long.status == 413)
        }
    }

    @Test func `P4: a token that is wrong, foreign, ended or missing finds what an unknown build does`() async throws {
        try await LiveServer.withRemote { server in
            let job = try await server.job()
            let other = try await server.job(try server.keepUpload([1], named: "b"))
            let ended = try await server.job(try server.keepUpload([2], named: "c"))
            try await server.apply(.cancelled, to: ended.build.id)
            let body = Array(#"{"phase":"mine"}"#.utf8)
            let unknown = try await server.client.post(
                "/builds/00000000000000000000000000/callback", ["Authorization": job.bearer], body: body)
            #expect(unknown.status == 404)
            func stripped(_ answer: TestClient.Answer) -> String { answer.text.replacing(/"id":"[^"]*"/, with: "") }
            let folder = String(job.folder.dropFirst(9))
            for (path, header) in [
                (job.callback, "Bearer \(other.token)"), (job.callback, "Bearer x"), (job.callback, "Bearer "),
                (job.callback, "Basic \(job.token)"), (job.callback, job.token), (job.callback, "Bearer \(folder)"),
                (job.callback, "Bearer \(job.token.dropLast(2))AA"), (other.callback, job.bearer),
                (ended.callback, ended.bearer), ("/builds/x/callback", job.bearer),
            ] {
                let answer = try await server.client.post(path, ["Authorization": header], body: body)
                #expect(answer.status == 404 && stripped(answer) == stripped(unknown), "\(header)")
                let file = try await server.client.send("PUT", path + "/files/a.iso", ["Authorization": header])
                #expect(file.status == 404 && stripped(file) == stripped(unknown), "\(header)")
            }
            #expect(try await server.client.post(job.callback, body: body).status == 404)
            #expect(try await server.store.report(of: job.attempt) == nil)
            #expect(try await server.store.report(of: other.attempt) == nil)
        }
    }

    @Test func `P8: faults are a problem that names each member`() async throws {
        try await LiveServer.withRemote { server in
            let job = try await server.job()
            let answer = try await server.report(job, #"{"phase":"a\nb","percent":-1}"#)
            #expect(answer.status == 422 && answer["Content-Type"] == "application/problem+json")
            guard case .array(let errors) = try JSON(parsing: answer.body)["errors"] else {
                Issue.record("no errors in \(answer.text)")
                return
            }
            #expect(errors.map { $0["field"] } == ["percent", "phase"])
            #expect(try await server.report(job, "nonsense").status == 400)
        }
    }

    @Test func `P6: a report has its bounds, said before it is read, and a token its pace`() async throws {
        try await LiveServer.withRemote { server in
            let job = try await server.job()
            let connection = try RawConnection(port: server.port)
            try await connection.send(
                "POST \(job.callback) HTTP/1.1\r\nHost: a\r\nAuthorization: \(job.bearer)\r\n"
                    + "Content-Length: 9999999\r\nConnection: close\r\n\r\n")
            let early = try await connection.receive { $0.contains("\r\n\r\n") }
            #expect(early.hasPrefix("HTTP/1.1 413"))
            var statuses: [Int] = []
            for _ in 0..<51 { statuses.append(try await server.report(job, "{}").status) }
            #expect(statuses.prefix(49).allSatisfy { $0 == 200 } && statuses.last == 429)
            let refused = try await server.report(job, "{}")
            #expect(refused["Retry-After"] == "1")
            let other = try await server.job(try server.keepUpload([1], named: "b"))
            #expect(try await server.report(other, "{}").status == 200, "each token has its own")
            server.clock.advance(by: .seconds(1))
            #expect(try await server.report(job, "{}").status == 200)
        }
    }

    @Test func `a report wakes whoever follows the build`() async throws {
        try await LiveServer.withRemote { server in
            let job = try await server.job()
            try await server.apply(
                .triggered(Run(attempt: job.attempt, provider: "local", id: "7", url: nil)), to: job.build.id)
            try await server.store.settleFar(job.build.id, at: server.clock.now())
            let before = try await server.store.nextActionAt()
            #expect(before.map { $0 > server.clock.now() } ?? true)
            _ = try await server.report(job, #"{"result":"succeeded"}"#)
            let next = try #require(try await server.store.nextActionAt())
            #expect(next <= server.clock.now())
        }
    }
}

extension SQLiteStore {
    /// Has a worker look at the build and put it off for an hour.
    fileprivate func settleFar(_ id: BuildID, at now: Timestamp) async throws {
        for claimed in try await claimDue(limit: 10, leaseFor: .seconds(30), at: now) where claimed.build.id == id {
            try await settle(.release(claimed.lease, nextActionAt: now + .seconds(3600)), of: id, at: now)
        }
    }
}

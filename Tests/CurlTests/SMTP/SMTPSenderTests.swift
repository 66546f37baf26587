import Curl
import TestSupport
import Testing

@Suite(.enabled(if: SMTPServer.python != nil, "scripts/setup.sh test installs its server"))
struct SMTPSenderTests {
    @Test func `A message arrives byte for byte, and every reply is known`() async throws {
        try await SMTPServer.running { server in
            let text = "Subject: Dots\r\n\r\n.one\r\n..two\r\n.\r\nlast line without an end"
            let sender = SMTPSender(try server.settings())
            let answer = await sender.send(.sample(text))
            #expect(answer.acceptance == SMTPReply(stage: .end, code: 250, status: "2.0.0", lines: ["Ok: queued as 1"]))
            #expect(answer.replies.map(\.stage) == [.greeting, .hello, .sender, .recipient, .data, .end])
            #expect(answer.replies.map(\.code) == [220, 250, 250, 250, 354, 250])
            #expect(try server.message(1) == Array((text + "\r\n").utf8))
            let stored = try #require(server.events("stored").first)
            #expect(stored.sender == "kiln@example.net")
            #expect(stored.recipients == ["ada@example.org"])
            #expect(stored.hello == "kiln.example")
            // Each of the three dots at a line's beginning is sent twice.
            #expect(stored.options == ["SIZE=\(text.utf8.count + 3)"])
            #expect(sender.extensions?.largestMessage == 32 << 20)
        }
    }

    @Test func `Twenty messages over one lane use one connection, and two senders never share one`() async throws {
        try await SMTPServer.running { server in
            let senders = [SMTPSender(try server.settings()), SMTPSender(try server.settings())]
            for number in 1...20 {
                let answer = await senders[number % 2].send(.sample(to: "ada\(number)@example.org"))
                #expect(answer.acceptance != nil)
            }
            let stored = server.events("stored")
            #expect(stored.count == 20)
            let used = Dictionary(grouping: stored) { $0.connection }.mapValues(\.count)
            #expect(used == [1: 10, 2: 10])
            for sender in senders { await sender.shutdown() }
            let closed = try await server.events("closed") { $0.count == 2 }
            #expect(Set(closed.map(\.connection)) == [1, 2])
            #expect(server.events("command").count { $0.line == "QUIT" } == 2)
        }
    }

    @Test func `Many messages at once have no more connections than there are lanes`() async throws {
        try await SMTPServer.running { server in
            let sender = SMTPSender(try server.settings(connections: 3))
            let accepted = await withTaskGroup(of: Bool.self) { group in
                for number in 1...60 {
                    group.addTask { await sender.send(.sample(to: "ada\(number)@example.org")).acceptance != nil }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(accepted == 60)
            #expect(server.events("connect").count <= 3)
            #expect(Set(server.events("stored").flatMap { $0.recipients ?? [] }).count == 60)
        }
    }

    @Test func `An idle connection is closed with QUIT, and the next message makes another`() async throws {
        try await SMTPServer.running { server in
            let sender = SMTPSender(try server.settings(limits: SMTPLimits(idle: .milliseconds(20))))
            #expect(await sender.send(.sample()).acceptance != nil)
            _ = try await server.events("closed") { $0.count == 1 }
            #expect(server.events("command").last?.line == "QUIT")
            #expect(await sender.send(.sample()).acceptance != nil)
            #expect(server.events("connect").count == 2)
        }
    }
}

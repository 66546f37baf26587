import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

/// P2 under kills of Kiln and of the mail server: every mail arrives, and twice only where its receipt was lost.
@Suite(.enabled(if: SMTPServer.python != nil, "scripts/setup.sh test installs its server")) struct MailCrashTests {
    @Test func `two hundred mails survive kills at random (P2)`() async throws {
        let options = try SMTPServer.options()
        try await SMTPServer.running(options) { smtp in
            // Each submission owes a mail that asks to confirm it; nothing has to be built for that.
            let settings = smtp.settings().merging([
                "KILN_MAIL_CONFIRM": "true", "KILN_LIMITS_CONFIRMATIONS_PER_SOURCE_PER_HOUR": "0",
                // A source has an eighth of the places for builds that nobody confirmed.
                "KILN_QUEUE_MAX_WAITING": "2000", "KILN_MAIL_PER_DOMAIN_PER_MINUTE": "0",
            ]) { $1 }
            try await KilnServer.running(settings) { server in
                let kills = try await Self.submit(200, to: server, at: smtp, options)
                let addresses = Set((0..<200).map(Self.address))
                let stored = try await smtp.events("stored", within: .seconds(400)) { events in
                    addresses.isSubset(of: Set(events.compactMap { $0.recipients?.first }))
                }
                _ = try await until("nothing waits", within: .seconds(300)) {
                    try await server.rows("SELECT count(*) FROM outbox WHERE status = 'waiting'") == [["0"]]
                        ? true : nil
                }
                try await Self.expectOnce(smtp.events("stored"), kills)
                #expect(stored.count >= 200)
                let accepted = try await server.rows("SELECT count(*) FROM outbox WHERE status = 'accepted'")
                #expect(accepted == [["200"]])
            }
        }
    }

    private static func address(_ number: Int) -> String { "a\(number)@d\(number % 20).example" }

    /// Submits while both programs are killed again and again.
    /// - Returns: when, in seconds since 1970.
    private static func submit(
        _ count: Int, to server: KilnServer, at smtp: SMTPServer, _ options: SMTPServer.Options
    ) async throws -> [Double] {
        let isDone = NIOLockedValueBox(false)
        return try await withThrowingTaskGroup(of: [Double].self) { group in
            group.addTask {
                try await submit(0..<count, to: server)
                isDone.withLockedValue { $0 = true }
                return []
            }
            group.addTask {
                // The pause between kills is the only dice that are thrown.
                var kills: [Double] = []
                while !isDone.withLockedValue({ $0 }) || kills.count < 12 {
                    try await Task.sleep(for: .milliseconds(Int.random(in: 100...900)))
                    kills.append(Date().timeIntervalSince1970)
                    if kills.count % 4 == 0 {
                        await smtp.end(isKilled: true)
                        try await smtp.restart(options)
                    } else {
                        try await server.crash()
                        try await server.start()
                    }
                }
                return kills
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private static func submit(_ numbers: Range<Int>, to server: KilnServer) async throws {
        for number in numbers {
            let form = FaultyServerTests.form(address(number))
            let headers = ["Accept": "application/json", "Idempotency-Key": "mail \(number)"]
            _ = try await until("mail \(number) is owed", within: .seconds(120)) {
                let answer = try? await server.http.post("/recipes/quick/builds", form, headers)
                return answer?.status == 202 ? true : nil
            }
        }
    }

    private static func expectOnce(_ stored: [SMTPEvent], _ kills: [Double]) async throws {
        var doubles = 0
        for (address, events) in Dictionary(grouping: stored, by: { $0.recipients?.first ?? "" }) {
            for (first, second) in zip(events, events.dropFirst()) {
                doubles += 1
                let kill = kills.first { first.at - 1 < $0 && $0 < second.at }
                #expect(kill != nil, "\(address) came twice, at \(first.at) and \(second.at), without a kill between")
            }
        }
        // What was under way at a kill, at most: four connections, each with one mail.
        #expect(doubles <= kills.count * 4, "\(doubles) doubles, \(kills.count) kills")
    }
}

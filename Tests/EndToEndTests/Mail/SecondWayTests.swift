import Foundation
import TestSupport
import Testing

/// `mail.fallback`: mail goes out by another server while the first is down.
@Suite(.enabled(if: SMTPServer.python != nil, "scripts/setup.sh test installs its server")) struct SecondWayTests {
    @Test func `mail takes the second way while the first is down, and comes back to it (P2)`() async throws {
        let options = try SMTPServer.options()
        try await SMTPServer.running(options) { first in
            try await SMTPServer.running { second in
                let settings = first.settings().merging(second.settings(section: "MAIL_FALLBACK_SMTP")) { $1 }.merging([
                    "KILN_MAIL_FALLBACK_SERVICE": "smtp", "KILN_MAIL_FALLBACK_AFTER": "1",
                ]) { $1 }
                await first.end()
                try await KilnServer.running(settings) { server in
                    let id = try await server.submit(FaultyServerTests.form("ada@example.org"))
                    #expect(try await server.told(id, within: .seconds(300)).isTold)
                    #expect(second.stored(for: "ada@example.org").count == 1)
                    #expect(first.stored(for: "ada@example.org").isEmpty)

                    try await first.restart(options)
                    var number = 0
                    _ = try await until("the first way is taken again", within: .seconds(300), every: .seconds(1)) {
                        number += 1
                        let next = try await server.submit(FaultyServerTests.form("ada\(number)@example.org"))
                        #expect(try await server.told(next, within: .seconds(300)).isTold)
                        return first.stored(for: "ada\(number)@example.org").count == 1 ? true : nil
                    }
                    let all = first.events("stored") + second.events("stored")
                    #expect(all.count == number + 1, "each mail once, by one of the two")
                }
            }
        }
    }
}

import Curl
import Domain
import Foundation
import Logging
import Mailer
import Storage

/// Fills an outbox on the disk and sends all of it to one mail server, as `kiln serve` does, and says what that cost.
///
///     MailBench HOST PORT MAILS CONNECTIONS ATTACHMENT FOLDER
///
/// Each mail tells of a build that ended well, with a file of ATTACHMENT bytes in it (0: none). FOLDER is made, and holds
/// database, files and `sample.eml`, one of the mails as it goes over the wire. Prints one line of JSON.
@main
struct MailBench {
    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 7, let port = Int(words[2]), let mails = Int(words[3]), let connections = Int(words[4]),
            let attachment = Int(words[5]), mails > 0, connections > 0, attachment >= 0
        else {
            print("usage: MailBench HOST PORT MAILS CONNECTIONS ATTACHMENT FOLDER")
            exit(64)
        }
        let house = try await BenchHouse(
            folder: words[6], attachment: attachment,
            server: SMTPSettings(
                host: words[1], port: port, security: .none, helloName: "bench.example.org", connections: connections))
        try await house.owe(mails)
        try await house.writeSample()
        let before = usage()
        let began = ContinuousClock.now
        let tries = try await house.service.deliverDue()
        let spent = began.duration(to: .now) / .seconds(1)
        let after = usage()
        let outbox = try await house.store.outboxSummary()
        let counts = house.route.primary.status.counts
        await house.end()
        print(
            #"{"mails": \#(mails), "tries": \#(tries), "accepted": \#(counts[.accepted] ?? 0), "#
                + #""waiting": \#(outbox.waiting), "seconds": \#(spent), "cpu": \#(after.cpu - before.cpu), "#
                + #""peak": \#(after.peak), "grown": \#(after.peak - before.peak)}"#)
    }

    /// Processor seconds and the most resident bytes of this process so far.
    private static func usage() -> (cpu: Double, peak: Int) {
        var usage = rusage()
        unsafe _ = getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let micros =
            (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000 + usage.ru_utime.tv_usec
            + usage.ru_stime.tv_usec
        return (Double(micros) / 1e6, usage.ru_maxrss * 1024)
    }
}

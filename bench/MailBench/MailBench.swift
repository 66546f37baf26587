import Curl
import Domain
import Foundation
import Logging
import Mailer
import Storage

/// Sends an outbox that lies on the disk to one mail server, as `kiln serve` does, and says what that cost.
///
///     MailBench fill MAILS ATTACHMENT FOLDER
///     MailBench send HOST PORT CONNECTIONS ATTACHMENT FOLDER
///
/// Each mail tells of a build that ended well, with a file of ATTACHMENT bytes in it (0: none). `fill` makes FOLDER, with
/// the database, the files and `sample.eml`, one of the mails as it goes over the wire; `send` prints one line of JSON.
/// Two programs, so that the memory of one is not counted as the other's.
@main
struct MailBench {
    static func main() async throws {
        let words = Array(CommandLine.arguments.dropFirst())
        switch (words.first, words.count) {
        case ("fill", 4):
            guard let mails = Int(words[1]), let attachment = Int(words[2]) else { usageFault() }
            try await fill(mails, attachment, words[3])
        case ("send", 6):
            guard let port = Int(words[2]), let connections = Int(words[3]), let attachment = Int(words[4]) else {
                usageFault()
            }
            let server = try SMTPSettings(
                host: words[1], port: port, security: .none, helloName: "bench.example.org", connections: connections)
            try await send(server, attachment, words[5])
        default: usageFault()
        }
    }

    private static func fill(_ mails: Int, _ attachment: Int, _ folder: String) async throws {
        // Nothing is sent: the server is none.
        let nowhere = try SMTPSettings(host: "127.0.0.1", port: 9, security: .none, helloName: "bench.example.org")
        let house = try await BenchHouse(folder: folder, attachment: attachment, server: nowhere)
        try await house.owe(mails)
        try await house.writeSample()
        await house.end()
    }

    private static func send(_ server: SMTPSettings, _ attachment: Int, _ folder: String) async throws {
        let house = try await BenchHouse(folder: folder, attachment: attachment, server: server)
        let before = usage()
        let began = ContinuousClock.now
        let tries = try await house.service.deliverDue()
        let spent = began.duration(to: .now) / .seconds(1)
        let after = usage()
        let outbox = try await house.store.outboxSummary()
        let accepted = house.route.primary.status.counts[.accepted] ?? 0
        await house.end()
        print(
            #"{"tries": \#(tries), "accepted": \#(accepted), "waiting": \#(outbox.waiting), "seconds": \#(spent), "#
                + #""cpu": \#(after.cpu - before.cpu), "peak": \#(after.peak)}"#)
    }

    private static func usageFault() -> Never {
        print("usage: MailBench fill MAILS ATTACHMENT FOLDER")
        print("       MailBench send HOST PORT CONNECTIONS ATTACHMENT FOLDER")
        exit(64)
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

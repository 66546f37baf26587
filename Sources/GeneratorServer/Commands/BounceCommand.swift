import ArgumentParser
import Dispatch
import Domain
import Foundation
import Mailer
import Storage

/// `kiln bounce`: takes a mail that came to the bounce address. A mail server runs it, beside the server that sends.
struct BounceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bounce", abstract: "Take in a mail that came back, from standard input.",
        discussion: """
            For a mail server: hand it every mail to mail.bounce_address and to the same with `+` and anything behind it. \
            What it reports (RFC 3464) is shown on the build and in the outbox, and a mailbox that does not exist gets \
            nothing more. With Postfix, in master.cf, as Kiln's user (and kiln_destination_recipient_limit = 1 in main.cf):

              kiln unix - n n - 4 pipe flags=DORX user=kiln
                argv=/opt/kiln/.build/release/kiln bounce --config /etc/kiln/kiln.yml

            Ends as mail servers expect it (sysexits.h): 0 if it was taken, also if it says nothing new; 67 if the \
            address is none that was made here; 75 if it cannot be taken now and is to be handed over again.
            """)

    @Option(help: "Whom the mail was sent to; without it, its Delivered-To and the like are asked.")
    var recipient: String?

    @Option(help: "The configuration file; kiln.yml if it is there.")
    var config: String?

    func run() async throws {
        let message = await Self.readInput()
        let ending = await Self.take(
            message, recipient: recipient, file: config, environment: ProcessInfo.processInfo.environment,
            now: SystemWallClock().now())
        FileHandle.standardError.write(Data("kiln bounce: \(ending.words)\n".utf8))
        if ending.code != .taken { throw ExitCode(ending.code.rawValue) }
    }

    /// How it ends, as sysexits.h numbers it.
    enum Code: Int32, Hashable {
        case taken = 0
        /// `EX_NOUSER`: the mail server tells the sender that there is no such address.
        case noSuchAddress = 67
        /// `EX_TEMPFAIL`: the mail server keeps the mail, and tries again.
        case later = 75
    }

    struct Ending: Hashable {
        var code: Code
        /// For the mail server's log.
        var words: String
    }

    /// A fault of the operator's is a reason to try later: no report is lost while they mend it.
    static func take(
        _ message: [UInt8], recipient: String?, file: String?, environment: [String: String], now: Timestamp
    ) async -> Ending {
        let configuration: KilnConfiguration
        do {
            configuration = try KilnConfiguration.load(file: file, environment: environment, forServing: false)
        } catch {
            return Ending(code: .later, words: "the configuration is wrong: \(error.description)")
        }
        guard let address = configuration.mail.bounceAddress.flatMap({ MailAddress($0) }) else {
            return Ending(
                code: .later, words: "mail.bounce_address is not set in the configuration that is read here (--config)")
        }
        let verp: VERP?
        do { verp = try VERP.of(address, secretFile: configuration.server.secretFile) } catch {
            return Ending(
                code: .later, words: "the secret \(configuration.server.secretFile) cannot be read, as Kiln's user?")
        }
        guard let verp else { return Ending(code: .later, words: "mail.bounce_address is too long") }
        // What was not sent to an address of ours needs no database.
        if BounceReading(message, recipient: recipient, verp: verp) == .notOurs {
            return Ending(code: .noSuchAddress, words: "no address that was made here")
        }
        let database = DataFolder(configuration.data.directory).database
        guard FileManager.default.fileExists(atPath: database) else {
            return Ending(code: .later, words: "there is no database \(database) yet")
        }
        do throws(StorageError) {
            let store = try await SQLiteStore.open(path: database, notices: Notices())
            let ending = await take(message, recipient: recipient, verp: verp, store: store, now: now)
            await store.close()
            return ending
        } catch {
            return Ending(code: .later, words: "the database cannot be opened: \(error)")
        }
    }

    private static func take(
        _ message: [UInt8], recipient: String?, verp: VERP, store: SQLiteStore, now: Timestamp
    ) async -> Ending {
        do throws(StorageError) {
            switch try await DeliveryReports(desk: store).take(
                bounce: message, recipient: recipient, verp: verp, at: now)
            {
            case .recorded(let entry, let report):
                return Ending(code: .taken, words: "\(entry) \(report.fate.rawValue)")
            case .nothingNew(let entry): return Ending(code: .taken, words: "nothing new about \(entry)")
            case .notOurs: return Ending(code: .noSuchAddress, words: "no address that was made here")
            }
        } catch {
            return Ending(code: .later, words: "the report cannot be written down: \(error)")
        }
    }

    /// All of standard input; only its beginning is kept, and the rest is read so that the mail server can end.
    private static func readInput() async -> [UInt8] {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "kiln.bounce").async {
                var bytes: [UInt8] = []
                let input = FileHandle.standardInput
                while let piece = try? input.read(upToCount: 1 << 20), !piece.isEmpty {
                    bytes += piece.prefix(max(0, BounceReading.mostBytes - bytes.count))
                }
                continuation.resume(returning: bytes)
            }
        }
    }
}

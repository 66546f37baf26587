import ArgumentParser
import Domain
import Foundation
import Mailer

/// `kiln doctor mail`: the way of a mail, step by step.
struct DoctorMailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail", abstract: "Say whether mail goes out, and where it gets stuck.",
        discussion: """
            Goes through each step of the conversation with the mail's transports, the first one and the second one, and \
            says what went wrong and how to mend it. Without --to nothing is sent. With it, each transport sends one test \
            mail, and what it was told is printed. Ends with 0 if all is well, 1 if something is wrong, 78 if the \
            configuration is.
            """)

    // `kiln doctor` knows the option too, and takes it wherever it stands.
    @ParentCommand var doctor: DoctorCommand

    @Option(help: "The configuration file; kiln.yml if it is there.")
    var config: String?

    @Option(help: "Send a test mail to this address.")
    var to: String?

    func validate() throws {
        if let to, MailAddress(to) == nil { throw ValidationError("'\(OutboxText.plain(to))' is no mail address.") }
    }

    func run() async throws {
        let configuration = try ConfigurationLoading.load(
            config ?? doctor.config, ProcessInfo.processInfo.environment)
        let report = DoctorReport()
        await MailExamination(configuration).walk(to: to.flatMap { MailAddress($0) }, report)
        print(report.summary)
        if report.hasFaults { throw ExitCode.failure }
    }
}

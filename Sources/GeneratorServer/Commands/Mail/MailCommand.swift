import ArgumentParser

/// `kiln mail`: what has to do with mails.
struct MailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail", abstract: "Look at the mails of a recipe.", subcommands: [MailPreviewCommand.self])
}

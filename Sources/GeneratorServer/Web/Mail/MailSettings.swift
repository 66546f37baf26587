import Domain

/// What the web half knows of the mails that builds cause.
struct MailSettings: Sendable {
    /// Whether any are sent.
    var isOn = true
    var languages = MailLanguages()
    /// How long a build waits for its address to be confirmed; `nil`: nobody is asked.
    var confirmWithin: Duration?
    /// How long a confirmed address is remembered.
    var confirmMemory = Duration.seconds(180 * 86_400)
    /// How long a source is remembered whose submission was disowned.
    var blockMemory = Duration.seconds(365 * 86_400)
    /// How long an address is remembered that wants no more mails.
    var stopMemory = Duration.seconds(3650 * 86_400)
}

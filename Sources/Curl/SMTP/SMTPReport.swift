/// How a conversation went, in all that was seen of it.
package struct SMTPReport: Hashable, Sendable {
    package var answer: SMTPAnswer
    /// What the server said that it can do; `nil`: it did not come to that.
    package var extensions: SMTPExtensions?
    /// The conversation itself. Only a probe's.
    package var lines: [SMTPLine] = []
    /// TLS is in place.
    package var isSecured = false
    /// Of the server's certificate, as far as it was looked at: `Subject`, `Issuer`, `Expire date`, ...
    package var certificate: [String: String] = [:]
    /// The address that was connected to.
    package var peer: String?

    package init(answer: SMTPAnswer, extensions: SMTPExtensions? = nil) {
        self.answer = answer
        self.extensions = extensions
    }

    static let stopped = SMTPReport(
        answer: SMTPAnswer(.failed(SMTPFailure(.stopped, at: .connect, "not wanted any more"))))
}

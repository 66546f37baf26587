/// An enhanced mail system status code (RFC 3463), such as `5.1.1`.
package struct EnhancedStatus: Hashable, Sendable, CustomStringConvertible {
    /// 2, 4 or 5: done, later, never.
    package let kind: Int
    package let subject: Int
    package let detail: Int

    /// Takes the code alone, or a code with something behind it: `5.1.1 (bad address)`.
    package init?(_ text: some StringProtocol) {
        let code = text.prefix { "0"..."9" ~= $0 || $0 == "." }
        let parts = code.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 1, (1...3).contains(parts[1].utf8.count),
            (1...3).contains(parts[2].utf8.count), let kind = Int(parts[0]), [2, 4, 5].contains(kind),
            let subject = Int(parts[1]), let detail = Int(parts[2])
        else { return nil }
        self.kind = kind
        self.subject = subject
        self.detail = detail
    }

    /// The first one in what a server said: `smtp; 550 5.1.1 <ada@example.org>: unknown`.
    package init?(in words: some StringProtocol) {
        for word in words.prefix(1000).split(whereSeparator: { $0 == " " || $0 == "-" || $0 == ";" }).prefix(8) {
            if let status = EnhancedStatus(word) {
                self = status
                return
            }
        }
        return nil
    }

    package var description: String { "\(kind).\(subject).\(detail)" }

    /// The address itself is no good, for good: there is no such mailbox or host (`5.1.x`), or it is closed (`5.2.1`).
    /// What says that the *sender's* address is bad (`5.1.7`, `5.1.8`) or tells of the way (`5.1.9`) does not. A full
    /// mailbox (`5.2.2`), rules (`5.7.x`) and everything that may pass (`4.x.x`) do not either.
    package var condemnsAddress: Bool {
        switch (kind, subject, detail) {
        case (5, 1, 7...9): false
        case (5, 1, _), (5, 2, 1): true
        default: false
        }
    }

    /// Says no more than "never", "later" or "done": the words beside it may say more.
    package var isGeneral: Bool { subject == 0 && detail == 0 }
}

package import Domain

extension MailAddress {
    /// - Throws: `MailMessageError.badAddress` for anything that is not a plain mailbox; it is refused, never cleaned.
    package init(checked text: String) throws(MailMessageError) {
        guard let address = MailAddress(text) else { throw .badAddress }
        self = address
    }
}

/// A mailbox with a name to show, for `From`.
package struct NamedMailAddress: Hashable, Sendable {
    package var name: HeaderText?
    package var address: MailAddress

    package init(name: HeaderText?, address: MailAddress) {
        self.name = name
        self.address = address
    }

    /// Takes `Name <local@domain>` or `local@domain`, as an operator writes it into the configuration.
    package init(parsing text: String) throws(MailMessageError) {
        guard text.hasSuffix(">"), let open = text.lastIndex(of: "<") else {
            self.init(name: nil, address: try MailAddress(checked: text))
            return
        }
        var name = text[..<open].trimmingSpaces()
        if name.count >= 2, name.hasPrefix("\""), name.hasSuffix("\"") { name = String(name.dropFirst().dropLast()) }
        let address = try MailAddress(checked: String(text[text.index(after: open)...].dropLast()))
        self.init(name: name.isEmpty ? nil : try HeaderText(name), address: address)
    }
}

extension StringProtocol {
    func trimmingSpaces() -> String {
        var rest = self[...]
        while rest.first == " " { rest = rest.dropFirst() }
        while rest.last == " " { rest = rest.dropLast() }
        return String(rest)
    }
}

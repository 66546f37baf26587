/// Where in the conversation something happened.
package enum SMTPStage: String, Hashable, Sendable, CaseIterable {
    /// The name is looked up, a connection made.
    case connect
    /// The TLS handshake, and after it, where TLS began at once, the wait for the greeting.
    case tls
    case greeting
    case hello
    case startTLS
    case login
    /// MAIL FROM.
    case sender
    /// RCPT TO.
    case recipient
    /// DATA, up to its 354.
    case data
    /// The message is sent.
    case body
    /// The whole message is sent; the server says whether it took it.
    case end
    /// NOOP, where nothing was to be sent.
    case nothing
    case quit
}

/// What a server said to one command.
package struct SMTPReply: Hashable, Sendable {
    package var stage: SMTPStage
    package var code: Int
    /// RFC 3463, such as `5.1.1`, where the server says one (RFC 2034).
    package var status: String?
    /// Its lines without code and status.
    package var lines: [String]

    package init(stage: SMTPStage, code: Int, status: String? = nil, lines: [String]) {
        self.stage = stage
        self.code = code
        self.status = status
        self.lines = lines
    }

    package var text: String { lines.joined(separator: " ") }
    package var isRefusal: Bool { code >= 400 }

    /// One line of a reply; `nil` if it is none.
    static func parse(_ bytes: some Collection<UInt8>) -> (code: Int, isLast: Bool, status: String?, text: String)? {
        let line = Array(bytes.prefix(lineLimit)).filter { $0 != 0x0D && $0 != 0x0A }
        guard line.count >= 3, let code = Int(String(decoding: line[..<3], as: UTF8.self)), (200...599).contains(code)
        else { return nil }
        let isLast = line.count == 3 || line[3] != UInt8(ascii: "-")
        let rest = String(decoding: line.dropFirst(4), as: UTF8.self)
        let isClean = rest.unicodeScalars.allSatisfy(isShown)
        let text = isClean ? rest : String(String.UnicodeScalarView(rest.unicodeScalars.map { isShown($0) ? $0 : " " }))
        let word = text.prefix { $0 != " " }
        guard isStatus(word, of: code) else { return (code, isLast, nil, text) }
        return (code, isLast, String(word), String(text.dropFirst(word.count).drop { $0 == " " }))
    }

    /// What is kept of a line; RFC 5321 allows 512.
    private static let lineLimit = 1024

    /// The first number must be the code's, so that no other text is taken for one.
    private static func isStatus(_ word: Substring, of code: Int) -> Bool {
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0] == "\(code / 100)"
            && parts.dropFirst().allSatisfy { part in
                (1...3).contains(part.utf8.count) && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
            }
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        if (0x20...0x7E).contains(scalar.value) { return true }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}

/// What a server says that it can do, in its reply to EHLO.
package struct SMTPExtensions: Hashable, Sendable {
    /// As they came, without the server's name.
    package var lines: [String] = []

    /// The largest message in bytes; `nil`: none is named (RFC 1870).
    package var largestMessage: Int64? {
        value(of: "SIZE").flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil }
    }
    package var hasStartTLS: Bool { value(of: "STARTTLS") != nil }
    package var takesUnicode: Bool { value(of: "SMTPUTF8") != nil }
    /// Of AUTH, in capitals.
    package var mechanisms: [String] {
        (value(of: "AUTH") ?? "").uppercased().split(separator: " ").map(String.init)
    }

    package init(lines: [String] = []) {
        self.lines = lines
    }

    private func value(of keyword: String) -> String? {
        for line in lines {
            let parts = line.split(separator: " ", maxSplits: 1)
            if parts.first?.uppercased() == keyword { return parts.count > 1 ? String(parts[1]) : "" }
        }
        return nil
    }
}

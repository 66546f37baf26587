import Foundation

/// What must not be repeated of a login, should a server say it back (P7).
struct SMTPSecrets {
    private let texts: [String]

    init(_ login: SMTPSettings.Login?) {
        guard let login, !login.secret.isEmpty else {
            texts = []
            return
        }
        // The one that holds another first.
        let sent = [
            "\0\(login.name)\0\(login.secret)", "user=\(login.name)\u{1}auth=Bearer \(login.secret)\u{1}\u{1}",
            login.secret,
        ]
        let coded = sent.map { Data($0.utf8).base64EncodedString() }
        texts = coded + [login.secret]
    }

    /// A line as it came, before it is cut to what is kept: of a long token, a beginning would be left otherwise.
    func hidden(_ line: some Collection<UInt8>) -> [UInt8] {
        guard !texts.isEmpty else { return Array(line) }
        return Array(hidden(String(decoding: line, as: UTF8.self)).utf8)
    }

    func hidden(_ text: String) -> String {
        texts.reduce(text) { text, secret in
            text.contains(secret) ? text.replacingOccurrences(of: secret, with: "<hidden>") : text
        }
    }
}

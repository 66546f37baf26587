import Foundation

/// What must not be repeated of a login, should a server say it back (P7).
struct SMTPSecrets {
    private let texts: [String]

    init(_ login: SMTPSettings.Login?) {
        guard let login, !login.secret.isEmpty else {
            texts = []
            return
        }
        let coded = [login.secret, "\0\(login.name)\0\(login.secret)"].map { Data($0.utf8).base64EncodedString() }
        texts = coded + [login.secret]
    }

    func hidden(_ text: String) -> String {
        texts.reduce(text) { text, secret in
            text.contains(secret) ? text.replacingOccurrences(of: secret, with: "<hidden>") : text
        }
    }
}

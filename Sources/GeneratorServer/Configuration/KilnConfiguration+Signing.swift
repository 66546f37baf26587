extension KilnConfiguration {
    /// What the keys that sign products are encrypted with.
    struct Signing: Hashable, Sendable {
        /// A passphrase, or the file that holds it.
        enum Passphrase: Hashable, Sendable {
            case text(String)
            case file(String)
        }

        /// nil: the key file.
        var passphrase: Passphrase?
        /// nil: none was in use before.
        var oldPassphrase: Passphrase?
        /// Made at the first use where there is no passphrase.
        var keyFile: String
    }
}

extension KilnConfiguration.Signing {
    /// Shorter ones are guessed faster than a backup is missed.
    static let shortestPassphrase = 8

    init(_ values: ConfigurationValues, data: String) {
        passphrase = Passphrase(values, "signing.passphrase")
        oldPassphrase = Passphrase(values, "signing.old_passphrase")
        keyFile = "\(data)/signing-key"
    }
}

extension KilnConfiguration.Signing.Passphrase {
    fileprivate init?(_ values: ConfigurationValues, _ path: String) {
        if let text = values.text(path) {
            self = .text(text)
        } else if let file = values.text("\(path)_file") {
            self = .file(file)
        } else {
            return nil
        }
    }
}

// A passphrase must not reach a log because somebody printed a part of the configuration (P7).
extension KilnConfiguration.Signing.Passphrase: CustomStringConvertible, CustomReflectable {
    var description: String {
        switch self {
        case .text: "<redacted>"
        case .file(let path): path
        }
    }

    var customMirror: Mirror { Mirror(self, children: ["passphrase": description]) }
}

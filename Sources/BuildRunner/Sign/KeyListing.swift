/// What `keytool -list -v` prints, in the words that it has in English.
struct KeyListing: Sendable, Equatable {
    /// Names of the entries that hold a private key.
    private(set) var privateKeys: [String] = []
    /// SHA-256 of the first certificate, 64 hexadecimal digits.
    private(set) var fingerprint: String?
    /// `RSA 2048`
    private(set) var algorithm: String?

    init(_ text: String) {
        var alias: String?
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.drop { $0 == " " || $0 == "\t" }
            if let name = Self.value(line, "Alias name: ") {
                alias = name
            } else if Self.value(line, "Entry type: ") == "PrivateKeyEntry", let name = alias {
                privateKeys.append(name)
            } else if fingerprint == nil, let digits = Self.value(line, "SHA256: ") {
                let plain = digits.replacing(":", with: "").lowercased()
                let isWhole = plain.utf8.count == 64 && plain.allSatisfy(\.isHexDigit)
                fingerprint = isWhole ? plain : nil
            } else if algorithm == nil, let words = Self.value(line, "Subject Public Key Algorithm: ") {
                algorithm = Self.shown(words)
            }
        }
    }

    private static func value(_ line: Substring, _ label: String) -> String? {
        line.hasPrefix(label) ? String(line.dropFirst(label.count)) : nil
    }

    /// `2048-bit RSA key` -> `RSA 2048`
    private static func shown(_ words: String) -> String {
        let parts = words.split(separator: " ")
        guard parts.count >= 2, let bits = parts[0].split(separator: "-").first else { return words }
        return "\(parts[1]) \(bits)"
    }
}

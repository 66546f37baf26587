import Domain
import Storage

/// Keys for people and for programs; never what signs.
enum KeyText {
    static func json(_ key: SigningKey) -> JSON {
        [
            "recipe": .string(key.recipe.text), "package": .string(key.package), "algorithm": .string(key.algorithm),
            "fingerprint": .string(key.fingerprint), "created_at": .string(key.createdAt.description),
            "last_used_at": .optional(key.lastUsedAt?.description),
        ]
    }

    /// A key a paragraph: fingerprints are too long for columns.
    static func list(_ keys: [SigningKey]) -> String {
        keys.map(page).joined(separator: "\n\n")
    }

    static func page(_ key: SigningKey) -> String {
        """
        \(OutboxText.plain(key.package))
            recipe       \(OutboxText.plain(key.recipe.text))
            fingerprint  \(fingerprint(key.fingerprint))
            algorithm    \(OutboxText.plain(key.algorithm))
            made         \(key.createdAt)
            last used    \(key.lastUsedAt?.description ?? "never")
        """
    }

    /// As `keytool` and Android's console print it.
    static func fingerprint(_ digits: String) -> String {
        let letters = Array(digits.uppercased())
        return stride(from: 0, to: letters.count, by: 2).map { String(letters[$0..<min($0 + 2, letters.count)]) }
            .joined(separator: ":")
    }
}

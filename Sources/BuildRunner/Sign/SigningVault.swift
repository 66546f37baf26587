import Crypto
package import Domain
package import Storage

/// What signs: a PKCS#12 key store with one private key under the alias `SigningTools.alias`, and the password of both.
package struct KeyMaterial: Sendable, Equatable {
    package var store: [UInt8]
    package var password: String

    package init(store: [UInt8], password: String) {
        self.store = store
        self.password = password
    }
}

// Neither may get into a log because somebody printed one (P7).
extension KeyMaterial: CustomStringConvertible, CustomReflectable {
    package var description: String { "KeyMaterial(<redacted>)" }
    package var customMirror: Mirror { Mirror(self, children: ["material": "<redacted>"]) }
}

/// Seals keys for the database and opens them again: AES-GCM, bound to the recipe, the package and the certificate, so that
/// no row's key can be put into another row.
///
/// A sealed key is `1, kind, salt (16), nonce (12), ciphertext, tag (16)`; inside are the password's length (2), the
/// password and the store. All calls block: for `Blocking.run`.
package struct SigningVault: Sendable {
    private static let version: UInt8 = 1
    private static let saltBytes = 16
    private static let headBytes = 2 + saltBytes

    package let secrets: SigningSecrets

    package init(_ secrets: SigningSecrets) {
        self.secrets = secrets
    }

    package func seal(
        _ material: KeyMaterial, fingerprint: String, package: String, recipe: RecipeID
    ) throws(SealFault) -> [UInt8] {
        let head = [Self.version, secrets.current.rawValue] + secrets.salt
        let password = Array(material.password.utf8)
        let message =
            [UInt8(truncatingIfNeeded: password.count >> 8), UInt8(truncatingIfNeeded: password.count)] + password
            + material.store
        let bound = Self.bound(head, fingerprint, package, recipe)
        let sealing = try secrets.sealingKey()
        guard let box = try? AES.GCM.seal(message, using: sealing, authenticating: bound),
            let combined = box.combined
        else { throw .missingSecret }
        return head + combined
    }

    package func open(_ key: SigningKey) throws(SealFault) -> KeyMaterial {
        try opened(key).material
    }

    /// Whether a key is sealed as new ones would be: a later change of the old passphrase leaves it open.
    package func isCurrent(_ key: SigningKey) throws(SealFault) -> Bool {
        let opened = try opened(key)
        return opened.place == 0 && opened.kind == secrets.current
    }

    /// Proves that what is sealed already can be opened, before anything is sealed under a secret that may be a mistake.
    package func prove(_ newest: SigningKey?) throws(SealFault) {
        if let newest { _ = try opened(newest) }
    }

    /// - Returns: also which of the configured secrets opened it.
    private func opened(
        _ key: SigningKey
    ) throws(SealFault) -> (material: KeyMaterial, kind: SigningSecrets.Kind, place: Int) {
        guard key.sealed.count > Self.headBytes, key.sealed[0] == Self.version,
            let kind = SigningSecrets.Kind(rawValue: key.sealed[1])
        else { throw .unknownFormat }
        let head = Array(key.sealed[..<Self.headBytes])
        guard let box = try? AES.GCM.SealedBox(combined: key.sealed[Self.headBytes...]) else { throw .unknownFormat }
        let bound = Self.bound(head, key.fingerprint, key.package, key.recipe)
        let keys = try secrets.openingKeys(kind, salt: Array(head[2...]))
        guard !keys.isEmpty else { throw .missingSecret }
        for (place, sealing) in keys.enumerated() {
            guard let message = try? AES.GCM.open(box, using: sealing, authenticating: bound) else { continue }
            let bytes = [UInt8](message)
            guard bytes.count >= 2, case let length = Int(bytes[0]) << 8 | Int(bytes[1]), bytes.count >= 2 + length
            else { throw .unknownFormat }
            let material = KeyMaterial(
                store: Array(bytes[(2 + length)...]), password: String(decoding: bytes[2..<(2 + length)], as: UTF8.self)
            )
            return (material, kind, place)
        }
        throw .wrongSecret
    }

    /// Lengths first, so that no two places are bound by the same bytes.
    private static func bound(
        _ head: [UInt8], _ fingerprint: String, _ package: String, _ recipe: RecipeID
    ) -> [UInt8] {
        [recipe.text, package, fingerprint].reduce(into: head) { bytes, text in
            bytes += Array("\(text.utf8.count):\(text)".utf8)
        }
    }
}

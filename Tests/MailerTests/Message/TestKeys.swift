import _CryptoExtras

/// Private keys that sign nothing but tests.
enum TestKeys {
    /// The key of RFC 8463's example, as PKCS #8.
    static let ed25519 = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
        -----END PRIVATE KEY-----
        """

    /// A new one.
    static func rsa(bits: Int = 2048) throws -> String {
        try _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: bits)).pkcs8PEMRepresentation
    }
}

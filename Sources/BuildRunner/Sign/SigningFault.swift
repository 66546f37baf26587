package import Domain

/// Why a product was not signed, or a key not handed out.
package enum SigningFault: Error, Hashable, Sendable {
    /// What the run made cannot be signed: the build's own end.
    case unsignable(Failure)
    /// Nothing is wrong with the product: Kiln cannot sign now. For the operator; holds no secret.
    case unavailable(reason: String)
}

/// Why a sealed key stays shut.
package enum SealFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Sealed with another passphrase (or key file), moved to another row, or damaged; AES-GCM does not tell them apart.
    case wrongSecret
    /// There is no passphrase, and no key file.
    case missingSecret
    case unusableFile(path: String, reason: String)
    /// Sealed by a version that this one does not know.
    case unknownFormat

    package var description: String {
        switch self {
        case .wrongSecret:
            """
            the signing keys cannot be opened: they were sealed with another passphrase than `signing.passphrase`, or with \
            another key file
            """
        case .missingSecret:
            """
            the signing keys cannot be opened: neither `signing.passphrase` nor the key file that sealed them is there
            """
        case .unusableFile(let path, let reason): "the key file \(path) of the signing keys cannot be used: \(reason)"
        case .unknownFormat: "a signing key was sealed by another version of Kiln, or is damaged"
        }
    }
}

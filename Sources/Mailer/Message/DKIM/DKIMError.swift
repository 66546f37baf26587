import Foundation

/// Why mails cannot be signed.
package enum DKIMError: Error, Hashable, Sendable {
    case badDomain
    case badSelector
    case withoutKey
    case doubleSelector
    /// The key's file, with the system's number.
    case unreadable(code: Int32)
    /// Others than its owner can read the file, or its group can write it.
    case open(mode: UInt32)
    case noPrivateKey
    case encrypted
    case short(bits: Int)
    /// It is neither an RSA nor an Ed25519 key, or it is damaged.
    case unusable
}

extension DKIMError: CustomStringConvertible {
    /// What is wrong and how to mend it, for the operator; never anything of the key (P7).
    package var description: String {
        switch self {
        case .badDomain: "The domain that signs is no name of a domain. Write the part behind the @ of mail.from."
        case .badSelector:
            "The selector may hold letters, digits, hyphens, underscores and dots, and no part of it may be empty."
        case .withoutKey: "There is no key to sign with."
        case .doubleSelector: "Two keys have the same selector. Each needs its own, as each has its own record in DNS."
        case .unreadable(let code):
            "The key's file cannot be read: \(unsafe String(cString: strerror(code))). Kiln's user must be able to."
        case .open(let mode):
            "The key's file has mode \(String(mode, radix: 8)), so that others can read or change it. "
                + "Close it: chmod 600."
        case .noPrivateKey: "The key's file is no PEM file with a private key (BEGIN PRIVATE KEY)."
        case .encrypted: "The key is protected by a pass phrase, which Kiln cannot ask for. Write it without one."
        case .short(let bits): "The RSA key has \(bits) bits; it needs 2048 or more. Make a new one."
        case .unusable: "The key is neither an RSA nor an Ed25519 key, or it is damaged."
        }
    }
}

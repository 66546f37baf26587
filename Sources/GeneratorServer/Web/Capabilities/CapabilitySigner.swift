import Crypto
import Domain
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Makes and reads capabilities as tokens that carry what they are for, sealed with AES-GCM. Nothing is stored; a token
/// cannot be guessed, changed, or used for anything else, and does not tell which build it belongs to: it stands in the
/// listings of CIs, and a build's id opens its page (P4).
struct CapabilitySigner: Sendable {
    private let sealing: SymmetricKey
    private let naming: SymmetricKey

    init(key: SymmetricKey) {
        func derived(_ purpose: String) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(inputKeyMaterial: key, info: Array(purpose.utf8), outputByteCount: 32)
        }
        sealing = derived("kiln capability sealing")
        naming = derived("kiln capability nonce")
    }

    /// Reads the key, or makes one at the first start, in a file that only its owner can read.
    init(keyFile path: String) throws(CapabilityKeyError) {
        if let bytes = try? Data(contentsOf: URL(filePath: path)) {
            guard bytes.count == 32 else { throw CapabilityKeyError.damaged(path: path) }
            self.init(key: SymmetricKey(data: bytes))
            return
        }
        let made = SymmetricKey(size: .bits256)
        let bytes = unsafe made.withUnsafeBytes { unsafe [UInt8]($0) }
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw CapabilityKeyError.cannotWrite(path: path, errno: errno) }
        defer { close(file) }
        let written = unsafe bytes.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
        guard written == bytes.count, fsync(file) == 0 else {
            throw CapabilityKeyError.cannotWrite(path: path, errno: errno)
        }
        self.init(key: made)
    }

    /// A path segment, or the value of a header, that lets its holder do this. The same for the same capability.
    func sign(_ capability: Capability) -> String {
        // A capability that nobody can hold: an empty token is never good.
        guard let message = capability.message,
            let box = try? AES.GCM.seal(message, using: sealing, nonce: nonce(message))
        else { return "" }
        return Self.base64URL(box.nonce + box.ciphertext + box.tag)
    }

    /// What a token is for; `nil` if it is forged or has run out. Whether its attempt still stands is not looked at.
    func capability(of token: some StringProtocol, at now: Timestamp) -> Capability? {
        guard let bytes = Self.bytes(base64URL: token), let box = try? AES.GCM.SealedBox(combined: bytes),
            let message = try? AES.GCM.open(box, using: sealing), let capability = Capability(message: message)
        else { return nil }
        if case .upload(_, let end) = capability, end <= now { return nil }
        return capability
    }

    /// Made of the message, so that the same capability is the same token and no two messages share one (as in RFC 5297).
    private func nonce(_ message: [UInt8]) throws -> AES.GCM.Nonce {
        try AES.GCM.Nonce(data: Array(HMAC<SHA256>.authenticationCode(for: message, using: naming)).prefix(12))
    }

    private static func base64URL(_ bytes: some Sequence<UInt8>) -> String {
        Data(Array(bytes)).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
            "=", with: "")
    }

    private static func bytes(base64URL text: some StringProtocol) -> [UInt8]? {
        guard text.utf8.count <= 200, !text.utf8.contains(where: { [0x2B, 0x2F, 0x3D].contains($0) }) else {
            return nil
        }
        var base64 = String(text).replacing("-", with: "+").replacing("_", with: "/")
        base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        return Data(base64Encoded: base64).map { [UInt8]($0) }
    }
}

/// Why there is no key to sign with.
enum CapabilityKeyError: Error, Hashable {
    /// The file does not hold 32 bytes.
    case damaged(path: String)
    case cannotWrite(path: String, errno: Int32)
}

import Crypto
import Domain
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Makes and reads capabilities as tokens that carry what they are for, signed with HMAC-SHA256. Nothing is stored; a token
/// cannot be guessed, changed, or used for anything else.
struct CapabilitySigner: Sendable {
    private let key: SymmetricKey

    init(key: SymmetricKey) {
        self.key = key
    }

    /// Reads the key, or makes one at the first start, in a file that only its owner can read.
    init(keyFile path: String) throws(CapabilityKeyError) {
        if let bytes = try? Data(contentsOf: URL(filePath: path)) {
            guard bytes.count == 32 else { throw CapabilityKeyError.damaged(path: path) }
            key = SymmetricKey(data: bytes)
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
        key = made
    }

    /// A path segment, or the value of a header, that lets its holder do this. The same for the same capability.
    func sign(_ capability: Capability) -> String {
        // A capability that nobody can hold: an empty token is never good.
        guard let message = capability.message else { return "" }
        return Self.base64URL(message + HMAC<SHA256>.authenticationCode(for: message, using: key))
    }

    /// What a token is for; `nil` if it is forged or has run out. Whether its attempt still stands is not looked at.
    func capability(of token: some StringProtocol, at now: Timestamp) -> Capability? {
        guard let bytes = Self.bytes(base64URL: token), bytes.count > SHA256.byteCount else { return nil }
        let message = bytes.dropLast(SHA256.byteCount)
        // Compares in constant time.
        guard
            HMAC<SHA256>.isValidAuthenticationCode(bytes.suffix(SHA256.byteCount), authenticating: message, using: key),
            let capability = Capability(message: message)
        else { return nil }
        if case .upload(_, let end) = capability, end <= now { return nil }
        return capability
    }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
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

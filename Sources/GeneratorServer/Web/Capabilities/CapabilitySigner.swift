import Crypto
import Domain
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// What the holder of a capability may do.
enum Capability: Hashable, Sendable {
    /// Read one upload.
    case upload(UploadID)

    /// Bound into the signature, so that a token for one purpose is none for another.
    fileprivate var purpose: UInt8 {
        switch self {
        case .upload: 1
        }
    }

    fileprivate var subject: String {
        switch self {
        case .upload(let id): id.text
        }
    }
}

/// Makes and reads capabilities: tokens that carry purpose, subject and end, signed with HMAC-SHA256. Nothing is stored;
/// a token cannot be guessed, changed, or used for anything else.
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

    /// A path segment that lets its holder do this until then.
    func sign(_ capability: Capability, until end: Timestamp) -> String {
        var message = Self.message(capability.purpose, end, capability.subject)
        message += HMAC<SHA256>.authenticationCode(for: message, using: key)
        return Self.base64URL(message)
    }

    /// The upload that a token leads to; `nil` for a token that is forged, has run out, or is for something else.
    func upload(of token: some StringProtocol, at now: Timestamp) -> UploadID? {
        guard let bytes = Self.bytes(base64URL: token), bytes.count == Self.messageLength + SHA256.byteCount else {
            return nil
        }
        let message = bytes.prefix(Self.messageLength)
        let code = bytes.suffix(SHA256.byteCount)
        // Compares in constant time.
        guard HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: message, using: key), message[0] == 1 else {
            return nil
        }
        let end = message[1..<9].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard end > UInt64(clamping: now.milliseconds) else { return nil }
        return UploadID(String(decoding: message[9...], as: UTF8.self))
    }

    private static let messageLength = 1 + 8 + 26

    private static func message(_ purpose: UInt8, _ end: Timestamp, _ subject: String) -> [UInt8] {
        let moment = UInt64(clamping: end.milliseconds)
        return [purpose] + stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: moment >> UInt64($0)) }
            + Array(subject.utf8)
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

import Crypto
import Foundation
import _CryptoExtras

/// A private key with which a domain signs its mails, and the selector under which DNS has its public half.
package struct DKIMKey: Sendable {
    private enum Secret: Sendable {
        case rsa(_RSA.Signing.PrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)
    }

    /// Verifiers take no fewer (RFC 8301), and those that matter want so many.
    private static let leastBits = 2048
    /// A longer file is no key.
    private static let fileBytes = 64 << 10

    package let selector: String
    private let secret: Secret

    /// Reads a key from a PEM file that is closed to other users of the machine.
    package init(selector: String, file path: String) throws(DKIMError) {
        self = try DKIMKey(selector: selector, pem: Self.contents(of: path))
    }

    /// - Parameter pem: a key as PKCS #8 (`BEGIN PRIVATE KEY`), RSA or Ed25519; RSA's also as PKCS #1.
    package init(selector: String, pem: String) throws(DKIMError) {
        let labels = selector.split(separator: ".", omittingEmptySubsequences: false)
        guard selector.utf8.count <= 200, labels.allSatisfy(Self.isLabel) else { throw .badSelector }
        self.selector = selector
        if pem.contains("ENCRYPTED") { throw .encrypted }
        guard pem.contains("-----BEGIN"), pem.contains("PRIVATE KEY-----") else { throw .noPrivateKey }
        if let seed = Self.ed25519Seed(in: pem), let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) {
            secret = .ed25519(key)
            return
        }
        let key: _RSA.Signing.PrivateKey
        do {
            key = try _RSA.Signing.PrivateKey(unsafePEMRepresentation: pem)
        } catch {
            throw .unusable
        }
        guard key.keySizeInBits >= Self.leastBits else { throw .short(bits: key.keySizeInBits) }
        secret = .rsa(key)
    }

    /// `rsa-sha256` or `ed25519-sha256`.
    package var algorithm: String {
        switch secret {
        case .rsa: "rsa-sha256"
        case .ed25519: "ed25519-sha256"
        }
    }

    /// What DNS must answer for `selector._domainkey.domain` (TXT).
    package var publicRecord: String {
        switch secret {
        case .rsa(let key): "v=DKIM1; k=rsa; p=" + Base64.text(of: key.publicKey.derRepresentation)
        case .ed25519(let key): "v=DKIM1; k=ed25519; p=" + Base64.text(of: key.publicKey.rawRepresentation)
        }
    }

    func signature(of bytes: [UInt8]) throws(DKIMError) -> [UInt8] {
        do {
            switch secret {
            // PKCS #1 v1.5 is what DKIM means by RSA (RFC 6376 section 3.3.1).
            case .rsa(let key):
                return Array(try key.signature(for: bytes, padding: .insecurePKCS1v1_5).rawRepresentation)
            // What is signed is the digest (RFC 8463 section 3).
            case .ed25519(let key): return Array(try key.signature(for: Data(SHA256.hash(data: bytes))))
            }
        } catch {
            throw .unusable
        }
    }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count)
            && label.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
            }
    }

    /// The 32 bytes of an Ed25519 key within PKCS #8 (RFC 8410 section 7), without or with its public half behind them.
    private static func ed25519Seed(in pem: String) -> Data? {
        let lines = pem.split(whereSeparator: \.isNewline).drop { !$0.hasPrefix("-----BEGIN PRIVATE KEY-----") }
        let body = lines.dropFirst().prefix { !$0.hasPrefix("-----END") }
        guard let der = Data(base64Encoded: body.map { $0.trimmingSpaces() }.joined()).map(Array.init) else {
            return nil
        }
        // SEQUENCE, its length, INTEGER 0 or 1, the algorithm 1.3.101.112, an octet string in an octet string.
        let algorithm: [UInt8] = [0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20]
        guard der.count >= 48, der[0] == 0x30, Int(der[1]) == der.count - 2, der[2...3] == [0x02, 0x01], der[4] <= 1,
            der[5..<16] == algorithm[...]
        else { return nil }
        return Data(der[16..<48])
    }

    private static func contents(of path: String) throws(DKIMError) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(code: errno) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .unreadable(code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .noPrivateKey }
        // Its owner's group may read it: a service's key is often root's, and its group the service's.
        guard status.st_mode & 0o027 == 0 else { throw .open(mode: status.st_mode & 0o777) }
        guard status.st_size <= fileBytes else { throw .noPrivateKey }
        do {
            return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
        } catch {
            throw .unreadable(code: EIO)
        }
    }
}

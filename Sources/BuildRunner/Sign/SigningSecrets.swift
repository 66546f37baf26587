import Crypto
import Foundation
import Glibc
import NIOConcurrencyHelpers
import _CryptoExtras

/// What the signing keys are sealed under: a passphrase, or a file of 32 random bytes that Kiln makes where there is none.
///
/// Everything that was configured before is tried for opening: a passphrase can be set, or changed, at any time.
/// All calls block (scrypt is meant to be slow): for `Blocking.run`.
package final class SigningSecrets: Sendable {
    /// Where a sealing key comes from; the raw values stand in sealed bytes.
    enum Kind: UInt8 {
        case file = 1
        case passphrase = 2
    }

    /// One secret made into a key by one salt.
    private struct Derived: Hashable {
        var secret: [UInt8]
        var kind: Kind
        var salt: [UInt8]
    }

    private let passphrases: [String]
    package let keyFile: String
    private let derived = NIOLockedValueBox<[Derived: SymmetricKey]>([:])
    /// Of everything that this process seals, so that one derivation serves all of it.
    let salt: [UInt8]

    /// - Parameters:
    ///   - passphrase: what new keys are sealed with; `nil`: the key file.
    ///   - oldPassphrase: tried too when a key is opened.
    ///   - keyFile: made at the first sealing if there is no passphrase and no file.
    package init(passphrase: String?, oldPassphrase: String? = nil, keyFile: String) {
        passphrases = [passphrase, oldPassphrase].compactMap { $0 }
        current = passphrase == nil ? .file : .passphrase
        self.keyFile = keyFile
        salt = SymmetricKey(size: .bits128).bytes
    }

    /// What seals from now on.
    let current: Kind

    /// Whether the key that opens everything lies in a file of this machine.
    package var usesKeyFile: Bool { current == .file }

    /// The key that seals. Where that is a file and there is none, one is made: whoever seals a first key asks for it, and
    /// nobody who might replace a lost one (see `SigningVault.prove`).
    func sealingKey() throws(SealFault) -> SymmetricKey {
        switch current {
        case .passphrase: try key(from: Array(passphrases[0].utf8), .passphrase, salt)
        case .file:
            if let bytes = try fileBytes() {
                try key(from: bytes, .file, salt)
            } else {
                try key(from: try makeFile(), .file, salt)
            }
        }
    }

    /// The keys that may have sealed something, the likeliest first.
    func openingKeys(_ kind: Kind, salt: [UInt8]) throws(SealFault) -> [SymmetricKey] {
        switch kind {
        case .file:
            guard let bytes = try fileBytes() else { return [] }
            return [try key(from: bytes, .file, salt)]
        case .passphrase:
            var keys: [SymmetricKey] = []
            for text in passphrases { keys.append(try key(from: Array(text.utf8), .passphrase, salt)) }
            return keys
        }
    }

    private func key(from secret: [UInt8], _ kind: Kind, _ salt: [UInt8]) throws(SealFault) -> SymmetricKey {
        let wanted = Derived(secret: secret, kind: kind, salt: salt)
        if let known = derived.withLockedValue({ $0[wanted] }) { return known }
        let key: SymmetricKey
        switch kind {
        case .file:
            key = HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: secret), salt: salt, info: Array("kiln signing keys".utf8),
                outputByteCount: 32)
        case .passphrase:
            // 32 MiB and some 100 ms for each guess.
            do {
                key = try KDF.Scrypt.deriveKey(
                    from: secret, salt: salt, outputByteCount: 32, rounds: 1 << 15, blockSize: 8, parallelism: 1)
            } catch {
                throw .missingSecret
            }
        }
        // Each start of a server that made keys has a salt of its own; nobody has thousands.
        derived.withLockedValue { known in
            if known.count >= 1000 { known = [:] }
            known[wanted] = key
        }
        return key
    }

    private func fileBytes() throws(SealFault) -> [UInt8]? {
        let bytes: [UInt8]
        do throws(FileFault) {
            bytes = try FileWork.read(keyFile, limit: 64)
        } catch .system(_, _, ENOENT) {
            return nil
        } catch {
            throw .unusableFile(path: keyFile, reason: "\(error)")
        }
        guard bytes.count == 32 else { throw .unusableFile(path: keyFile, reason: "it is damaged") }
        return bytes
    }

    private func makeFile() throws(SealFault) -> [UInt8] {
        do throws(FileFault) {
            // Of two that make one at once, both use the first.
            _ = try FileWork.publish(SymmetricKey(size: .bits256).bytes, as: keyFile)
        } catch {
            throw .unusableFile(path: keyFile, reason: "\(error)")
        }
        guard let kept = try fileBytes() else { throw .missingSecret }
        return kept
    }
}

extension SymmetricKey {
    var bytes: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}

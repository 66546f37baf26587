import BuildRunner
import Domain
import Foundation
import Logging
import Sandbox
import Storage

/// What signs products, made of the configuration: for the server and for the commands beside it.
enum Signing {
    /// Bytes that a passphrase's file may have.
    private static let largestFile = 64 << 10

    /// Why a passphrase cannot be read; names the key and the file, never what is in it.
    struct Fault: Error, CustomStringConvertible {
        var key: String
        var file: String
        var reason: String

        var description: String { "\(key) \(file) \(reason)" }
    }

    static func secrets(_ signing: KilnConfiguration.Signing) throws(Fault) -> SigningSecrets {
        SigningSecrets(
            passphrase: try text(of: signing.passphrase, "signing.passphrase_file"),
            oldPassphrase: try text(of: signing.oldPassphrase, "signing.old_passphrase_file"),
            keyFile: DataFolder.absolute(signing.keyFile))
    }

    static func signer(
        _ configuration: KilnConfiguration, keys: any SigningKeyStore, sandbox: SandboxSettings, logger: Logger
    ) throws(Fault) -> Signer {
        Signer(
            keys: keys, vault: SigningVault(try secrets(configuration.signing)), tools: SigningTools(settings: sandbox),
            data: DataFolder(configuration.data.directory).path, clock: SystemWallClock(), logger: logger)
    }

    private static func text(
        of passphrase: KilnConfiguration.Signing.Passphrase?, _ key: String
    ) throws(Fault) -> String? {
        switch passphrase {
        case nil: return nil
        case .text(let text): return text
        case .file(let path):
            let path = DataFolder.absolute(path)
            guard let handle = FileHandle(forReadingAtPath: path) else {
                throw Fault(key: key, file: path, reason: "cannot be read")
            }
            defer { try? handle.close() }
            guard let bytes = try? handle.read(upToCount: largestFile), var text = String(bytes: bytes, encoding: .utf8)
            else { throw Fault(key: key, file: path, reason: "holds no text") }
            while let last = text.last, last.isNewline { text.removeLast() }
            guard text.count >= KilnConfiguration.Signing.shortestPassphrase else {
                throw Fault(
                    key: key, file: path,
                    reason: "holds fewer than \(KilnConfiguration.Signing.shortestPassphrase) characters")
            }
            return text
        }
    }
}

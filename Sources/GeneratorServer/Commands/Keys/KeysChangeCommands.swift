import ArgumentParser
import BuildRunner
import Domain
import Storage

/// `kiln keys rotate`
struct KeysRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Encrypt all keys with the passphrase that is configured now.",
        discussion: """
            After a change of `signing.passphrase`: the one before stands as `signing.old_passphrase` until this has run. \
            Keys that the key file protects come under the passphrase too. The keys themselves, and so the apps' \
            certificates, stay as they are. Running it again changes nothing.
            """)

    @OptionGroup var options: KeysOptions

    func run() async throws {
        let (count, changed) = try await KeyDesk.open(options) { desk in
            let keys = try await desk.all()
            var changed = 0
            for key in keys {
                if try await desk.signer.isCurrent(key) { continue }
                var sealed = key
                sealed.sealed = try await desk.signer.resealed(key)
                // One that was replaced meanwhile was sealed with what is configured now.
                if try await desk.store.replaceSigningKey(key, with: sealed) { changed += 1 }
            }
            return (keys.count, changed)
        }
        CommandOutput.say(
            changed == 0
                ? "All \(count) keys are encrypted with what is configured now."
                : "\(changed) of \(count) keys were encrypted anew. signing.old_passphrase can go.")
    }
}

/// `kiln keys remove`
struct KeysRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a key for good.",
        discussion: """
            The next app of the package is signed with a new one, which does not install over those that are out. Export \
            it first. Takes the key's fingerprint as a proof that it is the one that is meant.
            """)

    @OptionGroup var options: KeysOptions

    @OptionGroup var choice: KeyChoice

    @Option(help: "The certificate's fingerprint, as `kiln keys list` prints it.")
    var fingerprint: String

    func run() async throws {
        let choice = choice
        let digits = fingerprint.replacing(":", with: "").lowercased()
        let key = try await KeyDesk.open(options) { desk in
            let key = try await desk.key(choice)
            guard key.fingerprint == digits, try await desk.store.removeSigningKey(key) else {
                throw KeyDesk.failure("That is not the fingerprint of \(key.package): nothing was removed.")
            }
            return key
        }
        CommandOutput.say(
            "The key of \(key.package) is gone. The next app of it does not install over those that are out.")
    }
}

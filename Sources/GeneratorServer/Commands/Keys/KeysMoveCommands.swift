import ArgumentParser
import BuildRunner
import Domain
import Foundation
import Storage

/// `kiln keys export`
struct KeysExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write a key into a PKCS#12 file of its own.",
        discussion: """
            The password is asked for twice, or is the first line of --password-file. The key's name in the file is `kiln`. \
            The file is readable by its owner alone.
            """)

    @OptionGroup var options: KeysOptions

    @OptionGroup var choice: KeyChoice

    @Option(help: "The file to write, such as name.p12.")
    var output: String

    @Option(help: "A file with the password, instead of the terminal.")
    var passwordFile: String?

    @Flag(help: "Replace the file if it is there.")
    var force = false

    func run() async throws {
        let (choice, output, force) = (choice, output, force)
        if !force, FileManager.default.fileExists(atPath: output) {
            throw KeyDesk.failure("\(output) is there already; --force replaces it.")
        }
        let passwordFile = passwordFile
        let key = try await KeyDesk.open(options) { desk in
            let key = try await desk.key(choice)
            let material = try await desk.signer.opened(key)
            let password = try KeyPassword.read(file: passwordFile, twice: true)
            let bytes = try await desk.signer.factory.export(material, password: password)
            try Self.write(bytes, to: output, force: force)
            return key
        }
        CommandOutput.say("\(key.package) is in \(output). Certificate: \(KeyText.fingerprint(key.fingerprint))")
    }

    /// Made under a name of its own, so that nothing is ever half of it or open to others.
    private static func write(_ bytes: [UInt8], to path: String, force: Bool) throws {
        let draft = "\(path).\(UUID().uuidString)"
        defer { unsafe _ = unlink(draft) }
        let file = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw KeyDesk.failure("\(path) cannot be written: \(problem(errno)).") }
        let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
        do { try handle.write(contentsOf: bytes) } catch {
            throw KeyDesk.failure("\(path) cannot be written: \(problem(errno)).")
        }
        let isDone = unsafe fsync(file) == 0 && (force ? rename(draft, path) : link(draft, path)) == 0
        if !isDone {
            let number = errno
            throw KeyDesk.failure(
                number == EEXIST && !force
                    ? "\(path) is there already; --force replaces it."
                    : "\(path) cannot be written: \(problem(number)).")
        }
    }

    private static func problem(_ number: Int32) -> String {
        POSIXErrorCode(rawValue: number).map { POSIXError($0).localizedDescription } ?? "error \(number)"
    }
}

/// `kiln keys import`
struct KeysImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take a key of another system in, from a PKCS#12 or JKS file.",
        discussion: """
            From then on the package is signed with it, so that updates install over what the other system signed. The \
            password of the file is asked for, or is the first line of --password-file.
            """)

    @OptionGroup var options: KeysOptions

    @Argument(help: "The file.")
    var file: String

    @Option(help: "The recipe that signs with it.")
    var recipe: String

    @Option(help: "The package that it signs, such as org.example.event.name.")
    var package: String

    @Option(help: "The key's name in the file, where it holds several.")
    var alias: String?

    @Option(help: "A file with the password, instead of the terminal.")
    var passwordFile: String?

    @Flag(help: "Replace the key that the package has: what was signed with that one cannot be updated any more.")
    var replace = false

    func validate() throws {
        guard RecipeID(recipe) != nil else {
            throw ValidationError("'\(OutboxText.plain(recipe))' is no recipe's id.")
        }
        guard Signer.isPackage(package) else {
            throw ValidationError("'\(OutboxText.plain(package))' is no package's name, such as org.example.app.")
        }
    }

    func run() async throws {
        guard let recipe = RecipeID(recipe) else { throw ExitCode.failure }
        let (file, package, alias, replace, passwordFile) = (file, package, alias, replace, passwordFile)
        guard let handle = FileHandle(forReadingAtPath: file) else {
            throw KeyDesk.failure("\(file) cannot be read.")
        }
        let most = Int(KeyFactory.largestStore)
        guard let store = try? handle.read(upToCount: most + 1), store.count <= most else {
            throw KeyDesk.failure("\(file) is too large for a key file, or cannot be read.")
        }
        let (key, isNew) = try await KeyDesk.open(options) { desk in
            try desk.expect(package, of: recipe)
            let known = try await desk.store.signingKey(for: package, of: recipe)
            if let known, !replace { throw Self.isThere(known) }
            try await desk.signer.prove()
            let password = try KeyPassword.read(file: passwordFile, twice: false)
            let made: KeyFactory.Made
            do {
                made = try await desk.signer.factory.adopt([UInt8](store), password: password, alias: alias)
            } catch let refusal as KeyFactory.Refusal {
                throw KeyDesk.failure("\(file): \(Self.words(refusal))")
            }
            if let known, known.fingerprint == made.fingerprint { return (known, false) }
            let key = try await desk.signer.sealed(made, for: package, of: recipe)
            if let known {
                guard try await desk.store.replaceSigningKey(known, with: key) else {
                    throw KeyDesk.failure("The key of \(package) was changed by somebody else just now. Try again.")
                }
            } else if case let kept = try await desk.store.addSigningKey(key), kept != key {
                throw Self.isThere(kept)
            }
            return (key, true)
        }
        CommandOutput.say(isNew ? "Taken in:" : "It is the key that the package has already:")
        CommandOutput.say(KeyText.page(key))
    }

    private static func isThere(_ key: SigningKey) -> ExitCode {
        KeyDesk.failure(
            """
            \(key.package) has a key already, \(KeyText.fingerprint(key.fingerprint)). With --replace the new one takes \
            its place: phones that have the app as it was signed before then refuse updates, and their owners have to \
            remove it first. Export the old one before (`kiln keys export`).
            """)
    }

    private static func words(_ refusal: KeyFactory.Refusal) -> String {
        switch refusal {
        case .wrongPassword: "the password is not the file's."
        case .noKeyStore: "it is no PKCS#12 and no JKS file."
        case .keyPassword: "the key in it has a password of its own; give it the file's first (keytool -keypasswd)."
        case .notOneKey(let names):
            names.isEmpty
                ? "it holds no private key."
                : "it holds several private keys; choose one with --alias: \(names.map(OutboxText.plain).joined(separator: ", "))."
        case .noSuchAlias(let name, let known):
            "it holds no private key `\(OutboxText.plain(name))`, but: \(known.map(OutboxText.plain).joined(separator: ", "))."
        }
    }
}

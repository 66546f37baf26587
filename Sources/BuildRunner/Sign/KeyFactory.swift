import Domain
import Foundation
import Glibc
import Sandbox

/// Makes key stores and turns those of others into ours, and back; what is secret passes through memory only.
package struct KeyFactory: Sendable {
    /// What there is to know of a key store's one key.
    package struct Made: Sendable {
        package var material: KeyMaterial
        /// For people: `RSA 2048`.
        package var algorithm: String
        /// SHA-256 of the certificate, 64 hexadecimal digits.
        package var fingerprint: String
    }

    /// Why a key store of somebody else was not taken.
    package enum Refusal: Error, Hashable, Sendable {
        case wrongPassword
        case noKeyStore
        /// Names of what it holds.
        case notOneKey([String])
        case noSuchAlias(String, known: [String])
        /// The key's own password is another one.
        case keyPassword
    }

    /// 35 years: Android takes updates only while the certificate is valid, and shops ask for 25 years.
    private static let days = 12_784
    /// Bytes that a key store may have.
    package static let largestStore: Int64 = 1 << 20
    /// The shortest password that `keytool` takes.
    package static let shortestPassword = 6

    private let tools: SigningTools
    private let place: PrivateFolder.Place

    /// - Parameter data: the folder of Kiln's data, which tells its memory folders apart from those of others.
    package init(tools: SigningTools, data: String) {
        self.tools = tools
        place = PrivateFolder.Place(data: data)
    }

    /// Removes what a crash left in memory. Only for the process that serves from the data folder, at its start.
    package func sweep() async {
        let place = place
        await Blocking.run { PrivateFolder.sweep(place) }
    }

    /// A new RSA key of 2,048 bits with a certificate of its own for the package.
    package func make(for package: String) async throws -> Made {
        let password = Self.password()
        return try await inFolder(password) { folder in
            // The name is for people; what counts is the key.
            let name = "CN=\(package.prefix(64))"
            let end = try await tools.run(
                .keytool,
                [
                    "-genkeypair", "-storetype", "PKCS12", "-keystore", "/kiln/out/key.p12", "-storepass:file",
                    "/kiln/password", "-alias", SigningTools.alias, "-keyalg", "RSA", "-keysize", "2048", "-sigalg",
                    "SHA256withRSA", "-validity", "\(Self.days)", "-dname", name,
                ], reading: [Self.bind(folder, "password")], writing: [Self.out(folder)])
            guard end.code == 0 else { throw Self.failed(.keytool, end) }
            return try await look(folder, password)
        }
    }

    /// Takes one private key out of a PKCS#12 or JKS store into one of ours.
    /// - Parameter alias: which; `nil`: there is only one.
    /// - Throws: `Refusal`.
    package func adopt(_ store: [UInt8], password: String, alias: String?) async throws -> Made {
        let aliases = try await aliases(of: store, password)
        let chosen: String
        switch alias {
        case let alias?:
            guard aliases.contains(alias) else { throw Refusal.noSuchAlias(alias, known: aliases) }
            chosen = alias
        case nil:
            guard aliases.count == 1 else { throw Refusal.notOneKey(aliases) }
            chosen = aliases[0]
        }
        let ours = Self.password()
        return try await inFolder(ours) { folder in
            try await convert(store, from: password, alias: chosen, in: folder)
            return try await look(folder, ours)
        }
    }

    /// The key as a PKCS#12 store of its own, with somebody's password.
    package func export(_ material: KeyMaterial, password: String) async throws -> [UInt8] {
        try await inFolder(password) { folder in
            try await convert(material.store, from: material.password, alias: SigningTools.alias, in: folder)
            return try await Self.made(folder)
        }
    }

    /// Writes `out/key.p12` under the folder's password from another store.
    private func convert(
        _ store: [UInt8], from password: String, alias: String, in folder: PrivateFolder
    ) async throws {
        try await Blocking.run { () throws(FileFault) in
            try folder.write(store, as: "source")
            try folder.write(Array(password.utf8), as: "source-password")
        }
        let end = try await tools.run(
            .keytool,
            [
                "-importkeystore", "-noprompt", "-srckeystore", "/kiln/source", "-srcstorepass:file",
                "/kiln/source-password", "-srcalias", alias, "-destkeystore", "/kiln/out/key.p12", "-deststoretype",
                "PKCS12", "-deststorepass:file", "/kiln/password", "-destalias", SigningTools.alias,
            ],
            reading: ["source", "source-password", "password"].map { Self.bind(folder, $0) },
            writing: [Self.out(folder)])
        guard end.code == 0 else {
            if (end.output + end.errors).contains("Cannot recover key") { throw Refusal.keyPassword }
            throw Self.failed(.keytool, end)
        }
    }

    /// Names of the private keys in a store.
    private func aliases(of store: [UInt8], _ password: String) async throws -> [String] {
        try await inFolder(password) { folder in
            try await Blocking.run { () throws(FileFault) in try folder.write(store, as: "source") }
            let end = try await tools.run(
                .keytool, ["-list", "-v", "-keystore", "/kiln/source", "-storepass:file", "/kiln/password"],
                reading: ["source", "password"].map { Self.bind(folder, $0) })
            guard end.code == 0 else {
                let isPassword = (end.output + end.errors).contains("password was incorrect")
                throw isPassword ? Refusal.wrongPassword : Refusal.noKeyStore
            }
            return KeyListing(end.output).privateKeys
        }
    }

    /// What `keytool` says of the store that was just made.
    private func look(_ folder: PrivateFolder, _ password: String) async throws -> Made {
        let bytes = try await Self.made(folder)
        try await Blocking.run { () throws(FileFault) in try folder.write(bytes, as: "made") }
        let end = try await tools.run(
            .keytool,
            ["-list", "-v", "-keystore", "/kiln/made", "-storetype", "PKCS12", "-storepass:file", "/kiln/password"],
            reading: ["made", "password"].map { Self.bind(folder, $0) })
        let listing = KeyListing(end.output)
        guard end.code == 0, listing.privateKeys == [SigningTools.alias], let fingerprint = listing.fingerprint else {
            throw Self.failed(.keytool, end)
        }
        return Made(
            material: KeyMaterial(store: bytes, password: password), algorithm: listing.algorithm ?? "unknown",
            fingerprint: fingerprint)
    }

    /// Gives `body` a folder in memory with the password in it, and removes it afterwards, whatever came of it.
    func inFolder<Value: Sendable>(
        _ password: String, _ body: (PrivateFolder) async throws -> Value
    ) async throws -> Value {
        let place = place
        let folder = try await Blocking.run { () throws(FileFault) in
            let folder = try PrivateFolder(in: place)
            do throws(FileFault) {
                try folder.write(Array(password.utf8), as: "password")
                try FolderWork.make("\(folder.path)/out")
            } catch {
                folder.remove()
                throw error
            }
            return folder
        }
        let result: Result<Value, any Error>
        do { result = .success(try await body(folder)) } catch { result = .failure(error) }
        await Blocking.run { folder.remove() }
        return try result.get()
    }

    private static func made(_ folder: PrivateFolder) async throws -> [UInt8] {
        try await Blocking.run { () throws(FileFault) in
            try FileWork.read("\(folder.path)/out/key.p12", limit: largestStore)
        }
    }

    static func bind(_ folder: PrivateFolder, _ name: String) -> SandboxBind {
        SandboxBind("\(folder.path)/\(name)", at: "/kiln/\(name)")
    }

    private static func out(_ folder: PrivateFolder) -> SandboxBind {
        SandboxBind("\(folder.path)/out", at: "/kiln/out")
    }

    /// The tool's words may quote paths inside its sandbox; no secret is on its command line.
    static func failed(_ tool: SigningTools.Tool, _ end: SigningTools.End) -> SigningFault {
        let words = (end.errors + end.output).split(separator: "\n").first { !$0.isEmpty }.map(String.init) ?? ""
        return .unavailable(reason: "`\(tool.rawValue)` ended with \(end.code): \(words.prefix(200))")
    }

    private static func password() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

import ArgumentParser
import BuildRunner
import Domain
import Foundation
import Logging
import Recipes
import Storage

/// The signing keys as a command reaches them: in the server's database, beside the server.
struct KeyDesk {
    let store: SQLiteStore
    let signer: Signer
    /// The folder of the recipes that the server offers.
    let recipes: String

    /// Opens the database that the configuration names, lets `body` work with it and closes it.
    /// - Throws: `ExitCode` after words on standard error: 78 for the configuration, 1 for what cannot be done.
    static func open<Value>(_ options: KeysOptions, _ body: (KeyDesk) async throws -> Value) async throws -> Value {
        let configuration = try ConfigurationLoading.load(
            options.config, ProcessInfo.processInfo.environment, forServing: false)
        let path = DataFolder(configuration.data.directory).database
        // Opening would make one, perhaps in the wrong place.
        guard FileManager.default.fileExists(atPath: path) else {
            throw failure(
                """
                There is no database at \(path): no server has run with this configuration yet. Name the server's with \
                --config, or start `kiln serve` once, which makes it.
                """)
        }
        do {
            let store = try await SQLiteStore.open(path: path, notices: Notices())
            let result: Result<Value, any Error>
            do {
                let signer = try Signing.signer(
                    configuration, keys: store, sandbox: Parts.sandbox(configuration),
                    logger: Logger(label: "keys") { _ in SwiftLogNoOpLogHandler() })
                result = .success(
                    try await body(
                        KeyDesk(
                            store: store, signer: signer,
                            recipes: DataFolder.absolute(configuration.recipes.directory))))
            } catch {
                result = .failure(error)
            }
            await store.close()
            return try result.get()
        } catch StorageError.unavailable(reason: .busy) {
            throw failure("The database at \(path) is held by another program just now. Try again in a moment.")
        } catch let fault as StorageError {
            throw failure("The database at \(path) cannot be used: \(fault). `kiln doctor` looks at it.")
        } catch let fault as SealFault {
            throw failure("\(fault). Set the right one, or restore the key file; `kiln doctor` checks it.")
        } catch let fault as Signing.Fault {
            throw failure("\(fault).")
        } catch SigningFault.unavailable(let reason) {
            throw failure("\(reason).")
        }
    }

    /// The key that is meant.
    func key(_ choice: KeyChoice) async throws -> SigningKey {
        let found = try await all().filter { key in
            key.package == choice.package && (choice.recipe ?? key.recipe.text) == key.recipe.text
        }
        if found.count > 1 {
            let recipes = found.map(\.recipe.text).joined(separator: ", ")
            throw Self.failure(
                "Several recipes have a key for \(OutboxText.plain(choice.package)): give --recipe, one of \(recipes).")
        }
        guard let key = found.first else {
            throw Self.failure(
                "There is no key for \(OutboxText.plain(choice.package)); `kiln keys list` shows those that are.")
        }
        return key
    }

    func all() async throws(StorageError) -> [SigningKey] {
        var keys: [SigningKey] = []
        while true {
            let page = try await store.signingKeys(after: keys.last.map { ($0.recipe, $0.package) }, limit: 500)
            keys += page
            if page.count < 500 { return keys }
        }
    }

    /// Sees to it that a key of this package would ever be used: a name typed wrong shows only when the first update that
    /// is signed with another key does not install.
    func expect(_ package: String, of recipe: RecipeID) throws {
        let all = RecipeLoader().load(directory: recipes).recipes
        guard let known = all.first(where: { $0.id == recipe }) else {
            let guess = Suggestion.nearest(to: recipe.text, in: all.map(\.id.text))
            throw Self.failure(
                "There is no recipe `\(recipe)` in \(recipes), or `kiln check` has something against it."
                    + (guess.map { " Did you mean `\($0)`?" } ?? ""))
        }
        guard let sign = known.sign else {
            let signing = all.filter { $0.sign != nil }.map { "`\($0.id)`" }.joined(separator: ", ")
            throw Self.failure(
                "The recipe `\(recipe)` signs nothing" + (signing.isEmpty ? "." : "; those that do: \(signing)."))
        }
        guard Signer.isPackage(package, allowedBy: sign) else {
            throw Self.failure(
                "The recipe `\(recipe)` signs packages of the name \(sign.packages) only, which \(package) is not.")
        }
    }

    /// Says it on standard error.
    static func failure(_ words: String) -> ExitCode {
        CommandOutput.complain("kiln keys: \(words)")
        return .failure
    }
}

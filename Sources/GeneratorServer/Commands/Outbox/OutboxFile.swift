import ArgumentParser
import Domain
import Foundation
import Storage

/// The outbox as a command reaches it: in the server's database, beside the server.
enum OutboxFile {
    /// Opens the database that the configuration names, lets `body` work with it and closes it.
    /// - Throws: `ExitCode` after words on standard error: 78 for the configuration, 1 for the database.
    static func open<Value>(
        _ options: OutboxOptions, _ body: (SQLiteStore, Timestamp) async throws(StorageError) -> Value
    ) async throws -> Value {
        let configuration = try ConfigurationLoading.load(
            options.config, ProcessInfo.processInfo.environment, forServing: false)
        let path = DataFolder(configuration.data.directory).database
        // Opening would make one, perhaps in the wrong place.
        guard FileManager.default.fileExists(atPath: path) else {
            throw failure("There is no database at \(path): no server has run with this configuration yet.")
        }
        do throws(StorageError) {
            let store = try await SQLiteStore.open(path: path, notices: Notices())
            let result = await outcome { () throws(StorageError) in try await body(store, SystemWallClock().now()) }
            await store.close()
            return try result.get()
        } catch {
            throw failure("The database at \(path) cannot be used: \(error). `kiln doctor` looks at it.")
        }
    }

    /// Says it on standard error.
    static func failure(_ words: String) -> ExitCode {
        CommandOutput.complain("kiln outbox: \(words)")
        return .failure
    }

    /// - Throws: `ValidationError` if there is no such address.
    static func address(_ text: String) throws -> String {
        guard let address = MailAddress(text) else {
            throw ValidationError("'\(OutboxText.plain(text))' is no mail address.")
        }
        return "\(address)"
    }

    private static func outcome<Value>(
        _ body: () async throws(StorageError) -> Value
    ) async -> Result<Value, StorageError> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}

extension OutboxEntryID: ExpressibleByArgument {
    /// As `kiln outbox list` prints it.
    init?(argument: String) { self.init(argument) }
}

extension Delivery.Status: ExpressibleByArgument {}

package import Domain
import Foundation
import GRDB

extension SQLiteStore: SigningKeyStore {
    private static let columns = "recipe, package, algorithm, fingerprint, sealed, created_at, last_used_at"

    package func signingKey(for package: String, of recipe: RecipeID) async throws(StorageError) -> SigningKey? {
        try await read { db in try db.signingKey(for: package, of: recipe) }
    }

    package func signingKeys(
        after: (recipe: RecipeID, package: String)?, limit: Int
    ) async throws(StorageError) -> [SigningKey] {
        let (recipe, package) = (after?.recipe.text ?? "", after?.package ?? "")
        return try await read { db in
            try db.rows(
                """
                SELECT \(Self.columns) FROM signing_keys WHERE (recipe, package) > (?, ?)
                ORDER BY recipe, package LIMIT ?
                """,
                [recipe, package, limit]
            ) { try $0.signingKey() }
        }
    }

    package func newestSigningKey() async throws(StorageError) -> SigningKey? {
        try await read { db in
            try db.firstRow("SELECT \(Self.columns) FROM signing_keys ORDER BY created_at DESC LIMIT 1") {
                try $0.signingKey()
            }
        }
    }

    package func addSigningKey(_ key: SigningKey) async throws(StorageError) -> SigningKey {
        try await writer.write { db, _ in
            try db.run(
                """
                INSERT INTO signing_keys (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (recipe, package) DO NOTHING
                """,
                [
                    key.recipe.text, key.package, key.algorithm, key.fingerprint, Data(key.sealed),
                    key.createdAt.milliseconds, key.lastUsedAt?.milliseconds,
                ])
            guard let kept = try db.signingKey(for: key.package, of: key.recipe) else {
                throw StorageError.corrupt(detail: "a signing key that was written is not there")
            }
            return kept
        }
    }

    package func replaceSigningKey(_ known: SigningKey, with key: SigningKey) async throws(StorageError) -> Bool {
        try await writer.write { db, _ in
            try db.run(
                """
                UPDATE signing_keys SET algorithm = ?, fingerprint = ?, sealed = ?, created_at = ?, last_used_at = ?
                WHERE recipe = ? AND package = ? AND sealed = ?
                """,
                [
                    key.algorithm, key.fingerprint, Data(key.sealed), key.createdAt.milliseconds,
                    key.lastUsedAt?.milliseconds, known.recipe.text, known.package, Data(known.sealed),
                ]) == 1
        }
    }

    package func noteUse(of key: SigningKey, at now: Timestamp) async throws(StorageError) {
        try await writer.write { db, _ in
            // Two builds may end in another order than their clocks say.
            _ = try db.run(
                """
                UPDATE signing_keys SET last_used_at = max(?, created_at, coalesce(last_used_at, 0))
                WHERE recipe = ? AND package = ? AND fingerprint = ?
                """,
                [now.milliseconds, key.recipe.text, key.package, key.fingerprint])
        }
    }

    package func removeSigningKey(_ key: SigningKey) async throws(StorageError) -> Bool {
        try await writer.write { db, _ in
            try db.run(
                "DELETE FROM signing_keys WHERE recipe = ? AND package = ? AND fingerprint = ?",
                [key.recipe.text, key.package, key.fingerprint]) == 1
        }
    }
}

extension Database {
    fileprivate func signingKey(for package: String, of recipe: RecipeID) throws -> SigningKey? {
        try firstRow(
            """
            SELECT recipe, package, algorithm, fingerprint, sealed, created_at, last_used_at
            FROM signing_keys WHERE recipe = ? AND package = ?
            """,
            [recipe.text, package]
        ) { try $0.signingKey() }
    }
}

extension RowReader {
    fileprivate mutating func signingKey() throws(StorageError) -> SigningKey {
        SigningKey(
            recipe: RecipeID(unchecked: try text()), package: try text(), algorithm: try text(),
            fingerprint: try text(), sealed: try bytes(), createdAt: try moment(), lastUsedAt: try momentOrNil())
    }
}

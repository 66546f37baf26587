package import Domain

/// The keys that products are signed with: one for each package of each recipe, sealed by whoever hands them in.
package protocol SigningKeyStore: Sendable {
    /// `nil`: the package of the recipe has none yet.
    func signingKey(for package: String, of recipe: RecipeID) async throws(StorageError) -> SigningKey?
    /// By recipe, then by package, those behind `after` (all, if `nil`).
    func signingKeys(
        after: (recipe: RecipeID, package: String)?, limit: Int
    ) async throws(StorageError) -> [SigningKey]
    /// The one that was made last; `nil`: there is none at all.
    func newestSigningKey() async throws(StorageError) -> SigningKey?
    /// Keeps a key unless its package has one already.
    /// - Returns: the one that is kept now. Of two that are handed in at once, both callers get the same.
    func addSigningKey(_ key: SigningKey) async throws(StorageError) -> SigningKey
    /// Puts a key in the place of another one, or seals it anew.
    /// - Parameter known: what it replaces.
    /// - Returns: `false`, and nothing is written, if that is not the package's key any more.
    func replaceSigningKey(_ known: SigningKey, with key: SigningKey) async throws(StorageError) -> Bool
    /// Notes that a key was used. Nothing happens if it is the package's no longer.
    func noteUse(of key: SigningKey, at now: Timestamp) async throws(StorageError)
    /// - Returns: whether it was there.
    func removeSigningKey(_ key: SigningKey) async throws(StorageError) -> Bool
}

/// One key and what may be known of it by everybody who may see the database.
package struct SigningKey: Hashable, Sendable {
    package var recipe: RecipeID
    package var package: String
    /// For people: `RSA 2048`.
    package var algorithm: String
    /// SHA-256 of its certificate, 64 hexadecimal digits.
    package var fingerprint: String
    /// The key and its password, encrypted (`SigningVault`).
    package var sealed: [UInt8]
    package var createdAt: Timestamp
    package var lastUsedAt: Timestamp?

    package init(
        recipe: RecipeID, package: String, algorithm: String, fingerprint: String, sealed: [UInt8],
        createdAt: Timestamp, lastUsedAt: Timestamp? = nil
    ) {
        self.recipe = recipe
        self.package = package
        self.algorithm = algorithm
        self.fingerprint = fingerprint
        self.sealed = sealed
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
    }
}

// Sealed or not, no log is a place for it (P7).
extension SigningKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "SigningKey(\(package) of \(recipe), \(fingerprint))" }
    package var customMirror: Mirror {
        Mirror(self, children: ["recipe": recipe.text, "package": package, "fingerprint": fingerprint])
    }
}

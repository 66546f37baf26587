import Crypto
import Domain

extension String {
    /// What addresses are compared by: nobody means two mailboxes by two ways of writing one in capitals.
    var addressKey: String { lowercased() }

    /// The host that its mail goes to, in lower case.
    var mailDomain: String {
        let key = addressKey
        return key.lastIndex(of: "@").map { String(key[key.index(after: $0)...]) } ?? key
    }

    /// What is kept of an address that wants nothing from a source: whoever reads it learns neither.
    func blockDigest(from source: String) -> String {
        var hash = SHA256()
        hash.update(data: Array("\(addressKey.utf8.count):\(addressKey):\(source)".utf8))
        return hash.finalize().hexText
    }
}

import Crypto
import Domain

extension String {
    /// What addresses are compared by, see `MailAddress.key`. What is none is nobody's, and only like itself.
    var addressKey: String { MailAddress(self)?.key ?? lowercased() }

    /// Of an address key, the keys of the mailbox that it names: the one without what stands behind a `+`, and where
    /// those with something there begin and end. Most servers deliver `ann+anything@host` to `ann@host`.
    var mailboxKeys: (plain: String, firstTagged: String, behindTagged: String) {
        let at = lastIndex(of: "@") ?? endIndex
        let local = self[..<at]
        let name = local.dropFirst().firstIndex(of: "+").map { local[..<$0] } ?? local
        // The comma follows the plus in ASCII, and stands in no address.
        return ("\(name)\(self[at...])", "\(name)+", "\(name),")
    }

    /// The host that its mail goes to, in lower case.
    var mailDomain: String {
        let key = addressKey
        return key.lastIndex(of: "@").map { String(key[key.index(after: $0)...]) } ?? key
    }

    /// What is kept of an address that wants nothing from a source: whoever reads it learns neither. The whole mailbox's:
    /// its owner did not think of one way to write it.
    func blockDigest(from source: String) -> String {
        let key = addressKey.mailboxKeys.plain
        var hash = SHA256()
        hash.update(data: Array("\(key.utf8.count):\(key):\(source)".utf8))
        return hash.finalize().hexText
    }
}

extension MailAddress {
    /// What addresses are compared by: nobody means two mailboxes by writing one in capitals, or its host in letters once
    /// and as `xn--` another time.
    var key: String { Self.folded(local) + "@" + asciiHost }

    /// In small letters, without taking a letter of another script for one of ASCII: the Kelvin sign's small form is `k`,
    /// and a mailbox with it is another one.
    private static func folded(_ local: Substring) -> String {
        if local.utf8.allSatisfy({ $0 < 0x80 }) { return local.lowercased() }
        return local.unicodeScalars.reduce(into: "") { key, scalar in
            let small = scalar.properties.lowercaseMapping
            key += !scalar.isASCII && small.utf8.allSatisfy { $0 < 0x80 } ? String(scalar) : small
        }
    }
}

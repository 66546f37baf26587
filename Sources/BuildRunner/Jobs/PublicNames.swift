import Crypto
package import Domain

// What of a build may stand in a CI's listings. The build's id opens its page, with the requester's address on it (P4,
// P7); run names, job parameters and release tags are often public. These names are made of it and do not lead back.

extension BuildID {
    /// 24 hexadecimal digits, the same for the same build.
    package var publicName: String {
        let digest = SHA256.hash(data: Array("kiln build \(text)".utf8))
        return digest.prefix(12).hexText
    }
}

extension Attempt {
    /// `KILN_ATTEMPT`: by this a run is found again. `<public name of the build>-<number>`.
    package var publicKey: String {
        guard let build = Attempt.parse(key)?.build else { return "\(BuildID(unchecked: key).publicName)-\(number)" }
        return "\(build.publicName)-\(number)"
    }
}

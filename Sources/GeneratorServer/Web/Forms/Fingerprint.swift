import Crypto
import Domain

/// Tells whether two submissions ask for the same: the same values and files of the same bytes, whatever they are named
/// in the store.
enum Fingerprint {
    /// Lower-case hex.
    static func of(_ inputs: Inputs) -> String {
        var hash = SHA256()
        for value in inputs.values {
            hash.update(part: value.field.text)
            switch value.content {
            case .text(let text): hash.update(part: "t" + text)
            case .number(let number): hash.update(part: "n\(number)")
            case .toggle(let isOn): hash.update(part: "b\(isOn)")
            case .choices(let choices):
                hash.update(part: "c\(choices.count)")
                for choice in choices { hash.update(part: choice) }
            case .upload(let upload): hash.update(part: "u" + upload.receivedSHA256)
            }
        }
        return hash.finalize().hexText
    }
}

extension SHA256 {
    /// With its length before it, so that no two lists of parts look alike.
    fileprivate mutating func update(part: String) {
        let bytes = Array(part.utf8)
        update(data: Array("\(bytes.count):".utf8))
        update(data: bytes)
    }
}

import BuildRunner
import Domain

/// What the holder of a token may do. Most end with an attempt: whether it is still its build's current one is asked of
/// the store (`Web.build(of:)`), so that nothing has to be remembered or taken back.
enum Capability: Hashable, Sendable {
    /// Read one upload, until then.
    case upload(UploadID, until: Timestamp)
    /// Read what an attempt's run is given: its `build.json`, its bundle.
    case job(Attempt)
    /// Read one upload for an attempt's run.
    case input(UploadID, Attempt)
    /// Report as an attempt's run.
    case callback(Attempt)
    /// Say, as the reader of a mail, whether a build is wanted. Whether that still matters is asked of the store.
    case confirm(BuildID)
    /// Have no more mails sent to a build's address. The build and not the address: an address can be longer than a token
    /// may be, and the build's row knows it.
    case stop(BuildID)
}

extension Capability {
    /// What is signed: the purpose first, so that a token for one thing is none for another, then parts of fixed lengths.
    /// `nil` for an attempt whose key is none of ours.
    var message: [UInt8]? {
        switch self {
        case .upload(let id, let end):
            [1] + Self.bytes(UInt64(clamping: end.milliseconds)) + Array(id.text.utf8)
        case .job(let attempt): Self.bytes(attempt).map { [2] + $0 }
        case .input(let id, let attempt): Self.bytes(attempt).map { [3] + $0 + Array(id.text.utf8) }
        case .callback(let attempt): Self.bytes(attempt).map { [4] + $0 }
        case .confirm(let id): [5] + Array(id.text.utf8)
        case .stop(let id): [6] + Array(id.text.utf8)
        }
    }

    /// Reads a message whose signature was found good.
    init?(message: some Collection<UInt8>) {
        let rest = Array(message.dropFirst())
        switch (message.first, rest.count) {
        case (1, 8 + Self.idLength):
            guard let id = UploadID(String(decoding: rest[8...], as: UTF8.self)) else { return nil }
            self = .upload(id, until: Timestamp(milliseconds: Int64(clamping: Self.number(rest[..<8]))))
        case (2, Self.attemptLength):
            guard let attempt = Self.attempt(rest[...]) else { return nil }
            self = .job(attempt)
        case (3, Self.attemptLength + Self.idLength):
            guard let attempt = Self.attempt(rest[..<Self.attemptLength]),
                let id = UploadID(String(decoding: rest[Self.attemptLength...], as: UTF8.self))
            else { return nil }
            self = .input(id, attempt)
        case (4, Self.attemptLength):
            guard let attempt = Self.attempt(rest[...]) else { return nil }
            self = .callback(attempt)
        case (5, Self.idLength):
            guard let id = BuildID(String(decoding: rest, as: UTF8.self)) else { return nil }
            self = .confirm(id)
        case (6, Self.idLength):
            guard let id = BuildID(String(decoding: rest, as: UTF8.self)) else { return nil }
            self = .stop(id)
        default: return nil
        }
    }

    private static let idLength = 26
    private static let attemptLength = idLength + 8

    private static func bytes(_ attempt: Attempt) -> [UInt8]? {
        Attempt.parse(attempt.key).map { Array($0.build.text.utf8) + bytes(UInt64(clamping: $0.attempt.number)) }
    }

    private static func attempt(_ bytes: ArraySlice<UInt8>) -> Attempt? {
        guard let build = BuildID(String(decoding: bytes.prefix(idLength), as: UTF8.self)),
            let number = Int(exactly: number(bytes.dropFirst(idLength))), number >= 1
        else { return nil }
        return Attempt(number: number, of: build)
    }

    private static func bytes(_ number: UInt64) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt64($0)) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

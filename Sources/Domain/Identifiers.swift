/// A name that Kiln made: 26 characters of Crockford's base 32 in lower case, 130 bits; the first ten characters grow
/// with time, the rest are random (80 bits), so that an id sorts by age and cannot be guessed.
package protocol MadeIdentifier: Hashable, Comparable, Sendable, CustomStringConvertible {
    var text: String { get }
    init(unchecked text: String)
}

extension MadeIdentifier {
    /// Takes an id as written in a URL or a row; `nil` if it is not one.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 26, text.utf8.allSatisfy({ identifierAlphabet.contains($0) }) else { return nil }
        self.init(unchecked: String(text))
    }

    /// Makes a new id.
    package static func make(
        at moment: Timestamp, using generator: inout some RandomNumberGenerator
    ) -> Self {
        var characters: [UInt8] = []
        characters.reserveCapacity(26)
        for place in stride(from: 45, through: 0, by: -5) {
            characters.append(identifierAlphabet[Int((moment.milliseconds >> place) & 31)])
        }
        for _ in 0..<16 {
            characters.append(identifierAlphabet[Int.random(in: 0..<32, using: &generator)])
        }
        return Self(unchecked: String(decoding: characters, as: UTF8.self))
    }

    package static func < (one: Self, other: Self) -> Bool {
        one.text < other.text
    }

    package var description: String { text }
}

private let identifierAlphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

/// The name of a build; unguessable, so that its page's link is the requester's key to it.
package struct BuildID: MadeIdentifier {
    package let text: String
    package init(unchecked text: String) { self.text = text }
}

/// The name of an upload and of its file on disk.
package struct UploadID: MadeIdentifier {
    package let text: String
    package init(unchecked text: String) { self.text = text }
}

/// What a worker shows to settle a row that it claimed; a row whose lease ran out and was claimed again has another.
package struct LeaseToken: MadeIdentifier {
    package let text: String
    package init(unchecked text: String) { self.text = text }
}

/// The name of an outbox entry; also the left part of its mail's Message-ID.
package struct OutboxEntryID: MadeIdentifier {
    package let text: String
    package init(unchecked text: String) { self.text = text }
}

/// The name of a recipe: the name of its folder, `^[a-z0-9][a-z0-9-]{0,63}$`.
package struct RecipeID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let text: String

    package init?(_ text: some StringProtocol) {
        let bytes = text.utf8
        guard (1...64).contains(bytes.count), bytes.first != UInt8(ascii: "-"),
            bytes.allSatisfy({ byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
            })
        else { return nil }
        self.text = String(text)
    }

    package init(unchecked text: String) { self.text = text }

    package static func < (one: RecipeID, other: RecipeID) -> Bool { one.text < other.text }
    package var description: String { text }
}

/// The name of a field: `^[a-z][a-z0-9_]{0,31}$`, so that it is also a safe file name and, in upper case, a variable name.
package struct FieldName: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let text: String

    package init?(_ text: some StringProtocol) {
        let bytes = text.utf8
        guard (1...32).contains(bytes.count), let first = bytes.first,
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first),
            bytes.allSatisfy({ byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
            })
        else { return nil }
        self.text = String(text)
    }

    package init(unchecked text: String) { self.text = text }

    package static func < (one: FieldName, other: FieldName) -> Bool { one.text < other.text }
    package var description: String { text }
}

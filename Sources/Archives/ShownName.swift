/// A name out of an untrusted archive, made fit to be shown: valid UTF-8, one line, nothing invisible, not long.
///
/// It is no longer a name to open a file with, and a page still has to escape it like any text.
package struct ShownName: Sendable, Hashable, CustomStringConvertible {
    package static let longest = 80

    package let description: String

    package init(_ bytes: some Collection<UInt8>) {
        // A page of text is enough to show 80 characters of it.
        let scalars = String(decoding: bytes.prefix(4_096), as: UTF8.self).unicodeScalars
        var head: [String] = []
        for scalar in scalars { head.append(Self.isPlain(scalar) ? String(scalar) : Self.escape(scalar)) }
        var text = head.joined()
        if text.count > Self.longest { text = "\(text.prefix(50))…\(text.suffix(Self.longest - 51))" }
        description = text
    }

    package init(_ text: String) { self.init(text.utf8) }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }
}

import Domain
import Foundation

/// The secrets that recipes name: variables `KILN_SECRET_<name>`, then files of that name in a folder. Read each time, so
/// that a secret can be renewed without a restart.
struct Secrets: Sendable {
    private let variables: [String: String]
    private let directory: String?

    /// Larger ones are keys of no kind that a CI asks for.
    private static let mostBytes = 64 << 10

    init(environment: [String: String], directory: String?) {
        let prefix = ConfigurationTable.secretPrefix
        variables = Dictionary(
            environment.filter { $0.key.hasPrefix(prefix) }.map { (String($0.key.dropFirst(prefix.count)), $0.value) }
        ) { first, _ in first }
        self.directory = directory
    }

    /// Without the line break at its end; `nil` if there is none, or an empty one.
    func value(of name: SecretName) -> String? {
        if let value = variables[name.text] { return Self.trimmed(value) }
        guard let directory, !name.text.contains("/"), !name.text.hasPrefix("."),
            let handle = FileHandle(forReadingAtPath: "\(directory)/\(name.text)")
        else { return nil }
        defer { try? handle.close() }
        guard let bytes = try? handle.read(upToCount: Self.mostBytes),
            let text = String(bytes: bytes, encoding: .utf8)
        else { return nil }
        return Self.trimmed(text)
    }

    private static func trimmed(_ text: String) -> String? {
        var text = text[...]
        while let last = text.last, last.isNewline { text.removeLast() }
        return text.isEmpty ? nil : String(text)
    }
}

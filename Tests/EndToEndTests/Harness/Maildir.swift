import Foundation

/// The messages in a maildir, read from disk.
struct Maildir: Sendable {
    let path: String

    struct Message: Sendable {
        let text: String

        func header(_ name: String) -> String? {
            let head = text.components(separatedBy: "\r\n\r\n")[0].replacingOccurrences(of: "\r\n ", with: " ")
            return head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { String($0.dropFirst(name.count + 1)).trimmingCharacters(in: .whitespaces) }
        }

        /// With quoted-printable undone, so that a link can be found in it.
        var plain: String {
            let joined = text.replacingOccurrences(of: "=\r\n", with: "")
            return joined.replacingOccurrences(of: "=3D", with: "=")
        }
    }

    /// Delivered ones; what lies in `tmp` is no message.
    var messages: [Message] {
        ["new", "cur"].flatMap { folder in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")) ?? []
            return names.compactMap { FileManager.default.contents(atPath: "\(path)/\(folder)/\($0)") }
                .map { Message(text: String(decoding: $0, as: UTF8.self)) }
        }
    }

    func messages(about build: String) -> [Message] {
        messages.filter { $0.plain.contains(build) }
    }
}

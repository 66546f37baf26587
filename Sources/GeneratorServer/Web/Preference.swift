import HTTPTypes
import Hummingbird

/// In which form a client wants its answer (RFC 9110, 12.5.1).
struct Preference: Sendable, Hashable {
    private var html: Double?
    private var json: Double?
    private var text: Double?
    private var isAPI: Bool

    init(_ request: Request) {
        self.init(accept: request.headers[.accept], path: request.uri.path)
    }

    init(accept: String?, path: String) {
        isAPI = path.hasPrefix("/api/")
        for range in (accept ?? "").split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.trimmingASCIISpace() }
            guard let type = parts.first?.lowercased() else { continue }
            let quality = parts.dropFirst().first { $0.lowercased().hasPrefix("q=") }.flatMap {
                Double($0.dropFirst(2))
            }
            let weight = quality ?? 1
            switch type {
            case "text/html", "application/xhtml+xml": html = max(html ?? 0, weight)
            case "application/json", "application/problem+json", "application/*": json = max(json ?? 0, weight)
            case "text/plain": text = max(text ?? 0, weight)
            case "text/*":
                text = max(text ?? 0, weight)
                html = max(html ?? 0, weight)
            default: break
            }
        }
    }

    /// JSON was asked for, more than a page.
    var wantsJSON: Bool { isAPI || (json ?? 0) > max(html ?? 0, text ?? 0) }

    /// An error is told to a person: a page was asked for by name.
    var wantsErrorPage: Bool { !wantsJSON && (html ?? 0) > 0 }
}

extension StringProtocol {
    /// Without blanks and tabs at both ends.
    func trimmingASCIISpace() -> SubSequence {
        var rest = self[...]
        while rest.hasPrefix(" ") || rest.hasPrefix("\t") { rest = rest.dropFirst() }
        while rest.hasSuffix(" ") || rest.hasSuffix("\t") { rest = rest.dropLast() }
        return rest
    }
}

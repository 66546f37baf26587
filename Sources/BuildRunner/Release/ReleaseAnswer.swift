import Curl
import Domain

/// One link's answer, read; knows no network.
struct ReleaseAnswer: Sendable {
    var answer: HTTPAnswer
    /// The candidate that was asked, before redirects.
    var link: String
    /// It was asked by HEAD: `Content-Length` is the file's own length.
    var isWhole: Bool
    /// What the sent ETag stood for.
    var known: ReleasedFile?
    var rules: [ArtifactRule]
    var now: Timestamp

    var finding: ReleaseFinding {
        switch answer.status {
        case 200, 203, 206: return published
        case 304: return known.map { .there($0) } ?? later
        // Where there is nothing to take a byte of (416), the file is empty.
        case 201...299, 404, 410, 416: return .notYet
        case 403 where isWhole && asked == nil: return .askByGet
        case 405, 501: return isWhole ? .askByGet : later
        default: return later
        }
    }

    private var later: ReleaseFinding {
        .later(after: asked, reason: "the release's host answered \(answer.status)")
    }

    /// How long the host wants to be left alone.
    private var asked: Duration? {
        guard answer.status >= 400 else { return nil }
        return ServerWait.duration(answer.headers, now: now)
    }

    private var published: ReleaseFinding {
        let bytes = bytes
        // An upload has begun, or a framework says of every HEAD that it has no body.
        if bytes == 0 { return isWhole ? .askByGet : .notYet }
        let named = named
        if isPage, !wantsPage(named) { return .notYet }
        guard let (name, rule) = named else {
            return .refused(FailureWords.unexpectedRelease(shownName))
        }
        if let bytes, let rule, bytes > rule.maxBytes {
            return .refused(FailureWords.tooLarge(name, bytes, limit: rule.maxBytes))
        }
        return .there(ReleasedFile(name: name, bytes: bytes, link: link, etag: etag))
    }

    /// Only what is one (RFC 9110, 8.8.3): it is sent back.
    private var etag: String? {
        guard let tag = answer.headers["etag"] else { return nil }
        let opaque = tag.hasPrefix("W/") ? tag.dropFirst(2) : tag[...]
        guard opaque.utf8.count >= 2, opaque.utf8.count <= 1024, opaque.hasPrefix("\""), opaque.hasSuffix("\""),
            opaque.utf8.dropFirst().dropLast().allSatisfy({ $0 > 0x20 && $0 != 0x22 && $0 < 0x7F })
        else { return nil }
        return tag
    }

    private var bytes: Int64? {
        guard answer.status == 206 else {
            guard let text = answer.headers["content-length"] else { return answer.body.isEmpty && !isWhole ? 0 : nil }
            return Int64(text).flatMap { $0 >= 0 ? $0 : nil }
        }
        // `bytes 0-0/1234`, or `*` where the whole is not known.
        guard let range = answer.headers["content-range"], let slash = range.lastIndex(of: "/") else { return nil }
        return Int64(range[range.index(after: slash)...]).flatMap { $0 >= 0 ? $0 : nil }
    }

    // MARK: - Name

    private var named: (name: String, rule: ArtifactRule?)? {
        for name in names where ArtifactName.isUsable(name) {
            if rules.isEmpty { return (name, nil) }
            if let rule = rules.first(where: { FilePattern($0.match).matches(name) }) { return (name, rule) }
        }
        return nil
    }

    /// What the host says, what the recipe's link says, where that led to.
    private var names: [String] {
        [
            answer.headers["content-disposition"].flatMap { ContentDisposition($0).filename },
            PercentText.lastSegment(of: link), PercentText.lastSegment(of: answer.url),
        ].compactMap(\.self)
    }

    private var shownName: String {
        let name = names.first ?? ""
        let shown = name.unicodeScalars.prefix(120).map { ArtifactName.isShown($0) ? $0 : "?" }
        return String(String.UnicodeScalarView(shown))
    }

    // MARK: - Kind

    /// A page for people: where a file is wanted, one that says that it is not there, or that somebody should log in.
    private var isPage: Bool {
        let type = answer.headers["content-type"]?.prefix { $0 != ";" && $0 != " " }.lowercased()
        return type == "text/html" || type == "application/xhtml+xml"
    }

    private func wantsPage(_ named: (name: String, rule: ArtifactRule?)?) -> Bool {
        if let wanted = named?.rule?.contentType { return wanted == "text/html" || wanted == "application/xhtml+xml" }
        let name = named?.name.lowercased() ?? ""
        return [".html", ".htm", ".xhtml"].contains { name.hasSuffix($0) }
    }
}

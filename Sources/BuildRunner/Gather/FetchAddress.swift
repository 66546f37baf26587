import Domain

/// A web address that a requester, or what was fetched for one, named: as it is asked for, and as it may be shown.
struct FetchAddress: Hashable, Sendable {
    /// As it is asked for: ASCII, without a fragment.
    var url: String { "\(scheme)://\(authority)\(path)\(query)" }
    /// For pages, mails and logs: without the query, which may hold a secret (P7).
    var shown: String { "\(scheme)://\(authority)\(path)".shownLine(limit: 300) }
    /// Whose it is, as people know it.
    let host: String

    private let scheme: String
    private let authority: String
    private var path: String
    private let query: String

    /// `nil` for what is no web address, or holds somebody's name or password.
    init?(_ text: String) {
        guard WebAddress(text) != nil, let colon = text.firstIndex(of: ":") else { return nil }
        scheme = text[..<colon].lowercased()
        // `WebAddress` has found `://` behind the scheme.
        let rest = text[colon...].dropFirst(3)
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let (name, port) = Self.split(rest[..<end])
        guard let ascii = Self.ascii(name) else { return nil }
        host = String(name).shownLine(limit: 100)
        authority = ascii + port
        let behind = rest[end...].prefix { $0 != "#" }
        let mark = behind.firstIndex(of: "?") ?? behind.endIndex
        path = Self.encoded(behind[..<mark])
        query = Self.encoded(behind[mark...])
    }

    /// One document below this address; the query is the same, because it may hold what lets one in.
    ///
    /// - Parameter document: begins with `/`.
    func below(_ document: String) -> FetchAddress {
        var address = self
        while address.path.last == "/" { address.path.removeLast() }
        address.path += document
        return address
    }

    private static func split(_ authority: Substring) -> (host: Substring, port: String) {
        guard let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") else {
            return (authority, "")
        }
        return (authority[..<colon], String(authority[colon...]))
    }

    /// libcurl of every distribution takes such names; not every one takes others.
    private static func ascii(_ host: Substring) -> String? {
        if host.first == "[" { return host.lowercased() }
        let name = host.last == "." ? host.dropLast() : host
        let isNumeric = name.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
        return isNumeric ? String(name) : HostName.ascii(name)
    }

    /// What is not ASCII, as the bytes of its UTF-8 (RFC 3987, 3.1).
    private static func encoded(_ text: Substring) -> String {
        var encoded = ""
        for scalar in text.unicodeScalars {
            if scalar.isASCII { encoded.unicodeScalars.append(scalar) } else { encoded += "\(scalar)".percentEncoded }
        }
        return encoded
    }
}

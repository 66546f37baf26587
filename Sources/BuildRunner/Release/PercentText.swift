import Domain

/// Percent-encoding (RFC 3986, 2.1), taken away.
enum PercentText {
    /// `%41` becomes `A`; what is not well-formed stays as it is. Bytes that are no UTF-8 become U+FFFD.
    static func decoded(_ text: String) -> String {
        String(decoding: text.utf8.percentDecoded, as: UTF8.self)
    }

    /// The name at the end of a link's path, decoded; `nil` if it ends with a slash or has no path. It may hold a slash of
    /// its own (`%2F`), which makes it no file's name.
    static func lastSegment(of link: String) -> String? {
        let path = link.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        let parts = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        // The scheme, nothing, the host, the path.
        guard parts.count > 3, let last = parts.last, !last.isEmpty else { return nil }
        return decoded(String(decoding: last, as: UTF8.self))
    }
}

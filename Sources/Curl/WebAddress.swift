/// A URL that can be asked: `http` or `https`, a host, nobody's password.
struct WebAddress: Hashable, Sendable {
    let text: String
    /// Scheme, host and port, in lower case and the port written out: who is trusted with credentials.
    let origin: String

    /// `nil` if it is none. What libcurl and others read differently (no host, `\`, control characters) is none.
    init?(_ text: String) {
        var last: UInt8 = 0
        for byte in text.utf8 {
            // C1 control characters are C2 80 to C2 9F in UTF-8.
            guard byte > 0x20, byte != 0x7F, byte != UInt8(ascii: "\\"),
                last != 0xC2 || !(0x80..<0xA0).contains(byte)
            else { return nil }
            last = byte
        }
        let start: String.Index
        let scheme: String
        if let end = Self.end(of: "https://", in: text) {
            (scheme, start) = ("https", end)
        } else if let end = Self.end(of: "http://", in: text) {
            (scheme, start) = ("http", end)
        } else {
            return nil
        }
        let authority = text[start...].utf8.prefix { $0 != 0x2F && $0 != 0x3F && $0 != 0x23 }
        guard let (host, port) = Self.split(authority) else { return nil }
        self.text = text
        origin = "\(scheme)://\(host):\(port.isEmpty ? (scheme == "https" ? "443" : "80") : port)"
    }

    private static func end(of prefix: String, in text: String) -> String.Index? {
        var place = text.utf8.startIndex
        for wanted in prefix.utf8 {
            guard place < text.utf8.endIndex, text.utf8[place] | 0x20 == wanted | 0x20 else { return nil }
            place = text.utf8.index(after: place)
        }
        return place
    }

    private static func split(_ authority: Substring.UTF8View) -> (host: String, port: String)? {
        guard !authority.contains(UInt8(ascii: "@")) else { return nil }
        var host = authority
        var port = authority[authority.endIndex...]
        if let colon = authority.lastIndex(of: UInt8(ascii: ":")),
            !authority[colon...].contains(UInt8(ascii: "]"))
        {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        guard !host.isEmpty, port.count <= 5, port.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return (String(Substring(host)).lowercased(), String(Substring(port)))
    }
}

/// An absolute `http` or `https` address with a host and no credentials; in any script (RFC 3987), kept as written.
package struct WebAddress: Hashable, Sendable {
    package let text: String

    package init?(_ text: String) {
        guard text.utf8.count <= 2048, let scheme = ["https://", "http://"].first(where: text.lowercased().hasPrefix)
        else { return nil }
        let rest = text.utf8.dropFirst(scheme.utf8.count)
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
        let authority = text[rest.startIndex..<(end ?? rest.endIndex)]
        guard Self.isAuthority(authority), Self.isPathAndQuery(text[(end ?? rest.endIndex)...]) else { return nil }
        self.text = text
    }

    private static func isAuthority(_ authority: Substring) -> Bool {
        var host = authority
        if let bracket = authority.lastIndex(of: "]") {
            guard authority.first == "[" else { return false }
            let after = authority[authority.index(after: bracket)...]
            guard after.isEmpty || isPort(after) else { return false }
            return HostName.isIPv6(authority[..<bracket].dropFirst())
        }
        if let colon = authority.lastIndex(of: ":") {
            guard isPort(authority[colon...]) else { return false }
            host = authority[..<colon]
        }
        // A trailing dot makes a name absolute.
        if host.last == ".", host.count > 1 { host.removeLast() }
        let isNumeric = host.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".")
        }
        return isNumeric ? HostName.isIPv4(host) : HostName.isValid(host)
    }

    private static func isPort(_ text: Substring) -> Bool {
        let digits = text.dropFirst()
        guard text.first == ":", digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return false
        }
        return (UInt16(digits) ?? 0) > 0
    }

    private static func isPathAndQuery(_ text: Substring) -> Bool {
        var hexDigitsWanted = 0
        for scalar in text.unicodeScalars {
            if hexDigitsWanted > 0 {
                guard scalar.isASCII, scalar.properties.isASCIIHexDigit else { return false }
                hexDigitsWanted -= 1
            } else if scalar == "%" {
                hexDigitsWanted = 2
            } else if scalar.isASCII {
                guard scalar.value > 0x20, !"\"<>\\^`{|}".unicodeScalars.contains(scalar), scalar.value != 0x7F else {
                    return false
                }
            } else if CheckedText.isForbidden(scalar, isMultiline: false) || scalar.properties.isWhitespace {
                return false
            }
        }
        return hexDigitsWanted == 0
    }
}

import Domain
import Recipes

/// A value of the configuration, read.
enum ConfigurationValue: Hashable, Sendable {
    case text(String)
    case integer(Int)
    case boolean(Bool)
    case size(Int64)
    case span(Duration)
    case list([String])
}

/// Why a text is not a value of its key; never repeats a secret.
struct ConfigurationFault: Error {
    var problem: String
    var mend: String
}

extension ConfigurationKey {
    /// Reads the value of this key.
    /// - Parameter texts: one text, or the entries of a list.
    func parse(_ texts: [String]) throws(ConfigurationFault) -> ConfigurationValue {
        if case .addressRanges = kind { return .list(try addressRanges(texts)) }
        guard let text = texts.first, texts.count == 1 else {
            throw ConfigurationFault(problem: "is a list", mend: "give it one value")
        }
        guard !text.isEmpty else {
            throw ConfigurationFault(problem: "is empty", mend: "give it a value or remove it")
        }
        if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            throw ConfigurationFault(problem: "holds a control character or a line break", mend: "remove it")
        }
        return try parse(text)
    }

    private func parse(_ text: String) throws(ConfigurationFault) -> ConfigurationValue {
        switch kind {
        case .text, .path: return .text(text)
        case .host:
            let isName = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".-:".contains($0)) }
            guard isName, text.utf8.count <= 253, !text.contains(":") || AddressRange(text) != nil else {
                throw wrong(text, "a host", "write a host's name or an IP address, without a port: `127.0.0.1`, `::`")
            }
            return .text(text)
        case .integer(let range):
            guard let number = Int(text) else {
                throw wrong(text, "a whole number", "write a number from \(range.lowerBound) to \(range.upperBound)")
            }
            guard range.contains(number) else {
                throw ConfigurationFault(
                    problem: "is \(number)", mend: "write a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return .integer(number)
        case .boolean:
            guard let flag = Bool(text) else { throw wrong(text, "`true` or `false`", "write `true` or `false`") }
            return .boolean(flag)
        case .size(let range): return .size(try size(text, range))
        case .span(let range): return .span(try span(text, range))
        case .oneOf(let words): return .text(try word(text, words))
        case .url(let schemes): return .text(try url(text, schemes))
        case .sender: return .text(try sender(text))
        case .mailAddress:
            guard Self.isAddress(text[...]) else {
                throw wrong(text, "a mail address", "write the address alone: `bounces@example.org`")
            }
            return .text(text)
        case .language:
            guard let tag = LanguageTag(text) else {
                throw wrong(text, "a language", "write its tag (BCP 47), such as `en`, `de` or `zh-Hans`")
            }
            return .text(tag.text)
        case .addressRanges: return .list([text])
        }
    }

    private func wrong(_ text: String, _ wanted: String, _ mend: String) -> ConfigurationFault {
        ConfigurationFault(problem: isSecret ? "is not \(wanted)" : "`\(text)` is not \(wanted)", mend: mend)
    }

    private func size(_ text: String, _ range: ClosedRange<Int64>) throws(ConfigurationFault) -> Int64 {
        let (least, most) = (Measures.text(size: range.lowerBound), Measures.text(size: range.upperBound))
        guard let size = Measures.size(text) else {
            throw wrong(text, "a size", "write a whole number with a unit, such as `20 MiB`, or bytes as a bare number")
        }
        guard range.contains(size) else {
            throw ConfigurationFault(
                problem: "is \(Measures.text(size: size))", mend: "write a size from \(least) to \(most)")
        }
        return size
    }

    private func span(_ text: String, _ range: ClosedRange<Duration>) throws(ConfigurationFault) -> Duration {
        let (least, most) = (Measures.text(span: range.lowerBound), Measures.text(span: range.upperBound))
        guard let span = Measures.span(text) else {
            throw wrong(text, "a span of time", "write a whole number and a unit: `90s`, `10m`, `2h`, `7d`")
        }
        guard range.contains(span) else {
            throw ConfigurationFault(
                problem: "is \(Measures.text(span: span))", mend: "write a span from \(least) to \(most)")
        }
        return span
    }

    private func word(_ text: String, _ words: [String]) throws(ConfigurationFault) -> String {
        guard !words.contains(text) else { return text }
        let near = Suggestion.nearest(to: text, in: words).map { "; did you mean `\($0)`?" } ?? ""
        let all = words.map { "`\($0)`" }.joined(separator: ", ")
        throw ConfigurationFault(problem: "does not know `\(text)`\(near)", mend: "write one of \(all)")
    }

    private func url(_ text: String, _ schemes: [String]) throws(ConfigurationFault) -> String {
        let wanted = schemes.map { "\($0)://" }.joined(separator: " or ")
        let mend = "write a URL that starts with \(wanted), without `?` and `#`"
        let forbidden = text.contains { $0.isWhitespace || "?#\"<>\\^`{|}".contains($0) || !$0.isASCII }
        guard let scheme = schemes.first(where: { text.lowercased().hasPrefix("\($0)://") }), !forbidden else {
            throw wrong(text, "such a URL", mend)
        }
        let rest = text.dropFirst(scheme.count + 3)
        guard let authority = rest.split(separator: "/", omittingEmptySubsequences: false).first, !authority.isEmpty
        else { throw wrong(text, "such a URL", mend) }
        if !isSecret, authority.contains("@") {
            throw ConfigurationFault(problem: "holds a user's name", mend: "remove what stands before the `@`")
        }
        return String(text.reversed().drop { $0 == "/" }.reversed())
    }

    private func sender(_ text: String) throws(ConfigurationFault) -> String {
        let mend = "write `address@example.org` or `Name <address@example.org>`"
        var address = text[...]
        if let open = text.firstIndex(of: "<") {
            guard text.last == ">" else { throw wrong(text, "a sender", mend) }
            address = text[text.index(after: open)...].dropLast()
        }
        guard Self.isAddress(address) else { throw wrong(text, "a sender", mend) }
        return text
    }

    private static func isAddress(_ text: Substring) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        let hasOddities = text.contains { $0.isWhitespace || "<>,;:\"()[]\\".contains($0) }
        return parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty && !hasOddities
    }

    private func addressRanges(_ texts: [String]) throws(ConfigurationFault) -> [String] {
        for text in texts where AddressRange(text) == nil {
            throw wrong(
                text, "an address or block", "write IP addresses or blocks: `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`")
        }
        return texts
    }
}

import Foundation

/// What each encoded word of a header holds.
enum EncodedWordReader {
    static func words(in text: String) -> [String] {
        text.split(whereSeparator: \.isWhitespace).compactMap { word in
            guard word.hasPrefix("=?UTF-8?B?"), word.hasSuffix("?="),
                let data = Data(base64Encoded: String(word.dropFirst(10).dropLast(2)))
            else { return nil }
            return String(data: data, encoding: .utf8)
        }
    }
}

import Curl
import Domain
import Foundation

/// A document for a CI: JSON, with the same bytes for the same values.
func jsonText(_ value: some Encodable) throws(RemoteFault) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let text = try? encoder.encode(value) else { throw .refused(FailureWords.notStartable) }
    return Array(text)
}

/// Names and values as a query or a form has them (`application/x-www-form-urlencoded`).
func formText(_ fields: [(name: String, value: String)]) -> String {
    fields.map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" }.joined(separator: "&")
}

extension HTTPRequest.Body {
    /// A body that says in JSON what `value` says.
    static func json(_ value: some Encodable) throws(RemoteFault) -> HTTPRequest.Body {
        .bytes(try jsonText(value), contentType: "application/json")
    }

    static func urlEncoded(_ fields: [(name: String, value: String)]) -> HTTPRequest.Body {
        .bytes(Array(formText(fields).utf8), contentType: "application/x-www-form-urlencoded")
    }
}

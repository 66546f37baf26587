import Foundation
import NIOConcurrencyHelpers

/// Checks JSON against a vendor's own description: JSON Schema as vendors use it (drafts 4 to 7), OpenAPI 3, Swagger 2.
///
/// The descriptions lie in the folder that `KILN_CONTRACTS` names; without it there is no validator, and tests check
/// less. What an excerpt refers to and does not hold, is anything.
package final class ContractValidator: Sendable {
    private let documents = NIOLockedValueBox<[String: JSONValue?]>([:])
    let path: String
    let document: JSONValue

    /// - Parameter file: below the folder of descriptions, e.g. `github/openapi.json`.
    /// - Returns: `nil` if `KILN_CONTRACTS` is not set. A file that is missing there is a broken set-up: it throws.
    package static func find(_ file: String, replacing changes: [String: JSONValue] = [:]) throws -> ContractValidator?
    {
        guard let path = path(of: file) else { return nil }
        guard let document = JSONValue(Array(try Data(contentsOf: URL(filePath: path)))) else {
            throw CocoaError(.fileReadCorruptFile)
        }
        return ContractValidator(document, at: path, replacing: changes)
    }

    /// Where a file of the descriptions is; `nil` without `KILN_CONTRACTS`.
    package static func path(of file: String) -> String? {
        guard let folder = ProcessInfo.processInfo.environment["KILN_CONTRACTS"], !folder.isEmpty else { return nil }
        return "\(folder)/\(file)"
    }

    /// - Parameter changes: paths of the interface (`/repos/{owner}`) that are described otherwise than in the
    ///   document.
    package init(_ document: JSONValue, at path: String = "", replacing changes: [String: JSONValue] = [:]) {
        self.path = path
        guard var members = document.members, !changes.isEmpty else {
            self.document = document
            return
        }
        members["paths"] = .object((members["paths"]?.members ?? [:]).merging(changes) { $1 })
        self.document = .object(members)
    }

    /// What is wrong with a value, each with its place; empty if nothing is.
    ///
    /// - Parameter pointer: the schema in the document (`/components/schemas/job`); empty for the document itself.
    package func problems(of value: JSONValue, with pointer: String = "") -> [String] {
        guard let schema = Self.member(pointer, of: document) else { return ["no schema at \(pointer)"] }
        return check(value, Place(schema: schema, document: document, path: path, isStrict: false), "$")
    }

    /// A schema and the document that its references start from.
    struct Place {
        var schema: JSONValue
        var document: JSONValue
        var path: String
        /// Members that are not described are faults, unless the schema allows them by name.
        var isStrict: Bool

        func inner(_ schema: JSONValue) -> Place {
            Place(schema: schema, document: document, path: path, isStrict: isStrict)
        }
    }

    /// The schema behind `$ref`s; `nil` if it is not there.
    func resolve(_ place: Place) -> Place? {
        var place = place
        for _ in 0..<20 {
            guard let reference = place.schema["$ref"]?.string else { return place }
            let parts = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            if !parts[0].isEmpty {
                guard let (document, path) = load(String(parts[0]), beside: place.path) else { return nil }
                place.document = document
                place.path = path
            }
            guard let schema = Self.member(parts.count > 1 ? String(parts[1]) : "", of: place.document) else {
                return nil
            }
            place.schema = schema
        }
        return nil
    }

    /// References are relative to the file, or to a folder above it where the vendor's schemas have ids.
    private func load(_ name: String, beside path: String) -> (JSONValue, String)? {
        var folder = URL(filePath: path).deletingLastPathComponent()
        for _ in 0..<4 {
            let file = folder.appending(path: name).standardizedFileURL.path
            let known = documents.withLockedValue { $0[file] }
            let document =
                known ?? FileManager.default.contents(atPath: file).flatMap { JSONValue(Array($0)) }
            if known == nil { documents.withLockedValue { $0[file] = .some(document) } }
            if let document { return (document, file) }
            folder = folder.deletingLastPathComponent()
        }
        return nil
    }

    static func member(_ pointer: String, of document: JSONValue) -> JSONValue? {
        var value = document
        for part in pointer.split(separator: "/") {
            let name = String(part).replacing("~1", with: "/").replacing("~0", with: "~")
            guard let inner = value[name] else { return nil }
            value = inner
        }
        return value
    }
}

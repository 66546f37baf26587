package import Domain
import Foundation

/// `build.json`: what a script is told about its build.
struct BuildDocument: Encodable {
    struct UploadEntry: Encodable {
        var name: String
        var content_type: String
        var bytes: Int64
        var sha256: String
        var width: Int?
        var height: Int?
    }

    enum Value: Encodable {
        case text(String)
        case number(Double)
        case toggle(Bool)
        case choices([String])

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .number(let number):
                // Whole numbers without a fraction, for readers that tell the two apart.
                if let whole = Int64(exactly: number) {
                    try container.encode(whole)
                } else {
                    try container.encode(number)
                }
            case .toggle(let isOn): try container.encode(isOn)
            case .choices(let choices): try container.encode(choices)
            }
        }
    }

    var id: String
    /// Higher than that of every build accepted before.
    var number: Int64
    var recipe: String
    /// The version of the recipe that the build was accepted under.
    var recipe_digest: String
    var created_at: String
    /// Which of a matrix's targets it is to make.
    var target: String?
    var inputs: [String: Value] = [:]
    var uploads: [String: UploadEntry] = [:]

    /// Private fields are left out.
    init(_ order: BuildOrder) {
        id = order.build.id.text
        number = order.build.number
        recipe = order.recipe.id.text
        recipe_digest = order.build.recipeDigest
        created_at = order.build.createdAt.description
        target = order.build.target
        (inputs, uploads) = Self.entries(of: order.publicInputs)
    }

    /// Values and files apart, by field.
    static func entries(of values: [InputValue]) -> (inputs: [String: Value], uploads: [String: UploadEntry]) {
        var inputs: [String: Value] = [:]
        var uploads: [String: UploadEntry] = [:]
        for value in values {
            switch value.content {
            case .text(let text): inputs[value.field.text] = .text(text)
            case .number(let number): inputs[value.field.text] = .number(number)
            case .toggle(let isOn): inputs[value.field.text] = .toggle(isOn)
            case .choices(let choices): inputs[value.field.text] = .choices(choices)
            case .upload(let upload):
                uploads[value.field.text] = UploadEntry(
                    name: upload.name, content_type: upload.contentType, bytes: upload.bytes, sha256: upload.sha256,
                    width: upload.width, height: upload.height)
            }
        }
        return (inputs, uploads)
    }

    func json() throws -> [UInt8] {
        try Self.json(self)
    }

    static func json(_ document: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(document)) + [UInt8(ascii: "\n")]
    }
}

extension BuildOrder {
    /// The inputs that a local run may see: of fields that the recipe says its script uses.
    var publicInputs: [InputValue] {
        recipe.publicValues(of: build.inputs, in: recipe.build.uses)
    }
}

extension InputValue.Content {
    /// The value as a file holds it: exact bytes, no end of line added; several choices a line each. `nil`: a file.
    package var fileText: String? {
        switch self {
        case .text(let text): text
        case .number(let number): Int64(exactly: number).map(String.init) ?? String(number)
        case .toggle(let isOn): isOn ? "true" : "false"
        case .choices(let choices): choices.joined(separator: "\n")
        case .upload: nil
        }
    }
}

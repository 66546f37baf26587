import Domain
import HTTPTypes
import Hummingbird

/// A no in the old API's form: `status`, `message`, and beside them the number and our code for programs that look.
struct GeneratorRefusal: Hashable, Sendable {
    let words: ErrorWords
    var message: String
    /// By field, all at once (P8).
    var faults: [FaultMessage] = []

    static let prefix = "/api/v2/"

    /// Nothing in the body that could be read.
    static let invalidData = GeneratorRefusal(
        words: ErrorWords(400, "invalid_data", "Bad request", "invalid data"), message: "invalid data")

    /// Any other error.
    init(_ words: ErrorWords) {
        self.init(words: words, message: words.mend.map { "\(words.what) \($0)" } ?? words.what)
    }

    /// An error about what was asked for, which the recipe's check found.
    init(_ words: ErrorWords, _ faults: [FaultMessage]) {
        self.init(words)
        guard !faults.isEmpty else { return }
        message = faults.map(\.message).joined(separator: " ")
        self.faults = faults
    }

    private init(words: ErrorWords, message: String) {
        self.words = words
        self.message = message
    }

    /// What is wrong with the two values has the status and the words that were documented; the fields are named beside.
    init(_ faults: [FieldFault], of recipe: Recipe, _ form: GeneratorForm) {
        let messages = faults.map { FaultWording.message($0, of: FieldName($0.field).flatMap { recipe.field($0) }) }
        let named = Set(faults.map(\.field))
        if let email = form.email, named.contains(email.text) {
            self.init(words: Self.badField, message: "Valid Email is required")
        } else if named.contains(form.endpoint.text) {
            self.init(words: Self.badField, message: "Valid endpoint URL is required")
        } else {
            let all = messages.map { "\($0.field): \($0.message)" }.joined(separator: " ")
            self.init(words: ErrorWords(422, "invalid_fields", "Wrong fields", all), message: all)
        }
        // In the recipe's own names: those of the request may be others.
        self.faults = messages
    }

    private static let badField = ErrorWords(400, "invalid_fields", "Wrong fields", "A value is wrong.")

    var json: JSON {
        var members: [JSON.Member] = [
            .init(name: "status", value: "error"), .init(name: "code", value: .integer(Int64(words.status))),
            .init(name: "message", value: .string(message)), .init(name: "reason", value: .string(words.code)),
        ]
        if !faults.isEmpty {
            let errors = faults.map { fault -> JSON in
                ["field": .string(fault.field), "code": .string(fault.code), "message": .string(fault.message)]
            }
            members.append(.init(name: "errors", value: .array(errors)))
        }
        return .object(members)
    }

    var answer: Response {
        .json(json, status: HTTPResponse.Status(code: words.status), headers: words.headers)
    }
}

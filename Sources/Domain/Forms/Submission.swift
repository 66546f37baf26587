/// A filled-in form as it was received: named parts in the order of arrival, nothing of it trusted.
package struct Submission: Hashable, Sendable {
    package struct Part: Hashable, Sendable {
        package var name: String
        package var content: Content

        package init(name: String, content: Content) {
            self.name = name
            self.content = content
        }
    }

    package enum Content: Hashable, Sendable {
        case text(String)
        /// A file that was received whole, is no larger than its field allows and is of a kind that its field takes.
        case file(Upload)
        /// A file that was not kept, and why.
        case refusedFile(FieldFault.Code)
        /// An object or a nested list of a program's request, which no field takes.
        case structure
    }

    package var parts: [Part]

    package init(parts: [Part] = []) {
        self.parts = parts
    }

    /// What was typed and chosen, by field, to fill the same form in again; only fields that the form has, no files.
    package func typedValues(of fields: [Field]) -> [String: [String]] {
        let typed = Set(fields.filter { $0.fileRule == nil }.map(\.name.text))
        var values: [String: [String]] = [:]
        for part in parts where typed.contains(part.name) {
            if case .text(let text) = part.content { values[part.name, default: []].append(text) }
        }
        return values
    }

    /// The cleaned names of the files that were received whole, by field; only fields that the form has.
    package func fileNames(of fields: [Field]) -> [String: String] {
        let known = Set(fields.map(\.name.text))
        var names: [String: String] = [:]
        for part in parts where known.contains(part.name) {
            if case .file(let upload) = part.content { names[part.name] = upload.name }
        }
        return names
    }
}

extension Inputs {
    /// The files among the values.
    package var uploads: [Upload] {
        values.compactMap { value in
            if case .upload(let upload) = value.content { upload } else { nil }
        }
    }
}

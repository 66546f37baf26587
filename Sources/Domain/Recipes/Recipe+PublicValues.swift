extension Recipe {
    /// The values that may leave Kiln, for a script or a job: of those fields, or of all where `fields` is `nil`, but never
    /// of a private one nor the address (P7); and what Kiln fetched, which is nobody's secret.
    package func publicValues(of inputs: Inputs, in fields: [FieldName]?) -> [InputValue] {
        inputs.values.filter { value in
            guard let field = field(value.field) else { return isFetched(value.field) }
            guard !field.isPrivate, field.name != addressField?.name else { return false }
            return fields?.contains(field.name) ?? true
        }
    }
}

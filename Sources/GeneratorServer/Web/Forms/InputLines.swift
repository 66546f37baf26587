import Domain

/// What was asked for, in the words of the form.
enum InputLines {
    static func lines(_ inputs: Inputs, recipe: Recipe?) -> [BuildPage.InputLine] {
        inputs.values.map { input in
            let field = recipe?.field(input.field)
            return BuildPage.InputLine(
                label: field?.label ?? (recipe?.isFetched(input.field) == true ? "Fetched data" : input.field.text),
                value: text(input.content, field))
        }
    }

    private static func text(_ content: InputValue.Content, _ field: Field?) -> String {
        switch content {
        case .text(let text): label(of: text, field)
        case .number(let number): Quantity.number(number)
        case .toggle(let isOn): isOn ? "yes" : "no"
        case .choices(let choices):
            choices.isEmpty ? "none" : choices.map { label(of: $0, field) }.joined(separator: ", ")
        case .upload(let upload): "\(upload.name) (\(upload.bytes.sizeText))"
        }
    }

    private static func label(of value: String, _ field: Field?) -> String {
        switch field?.kind {
        case .choice(let choices, _), .multichoice(let choices, _):
            choices.first { $0.value == value }?.label ?? value
        default: value
        }
    }
}

import Domain

/// A recipe's form.
struct FormPageView: Sendable {
    /// Names differ from the page's: where a value is absent, mustache looks for its name further out.
    struct Group: Sendable {
        let groupTitle: String?
        var fields: [FieldView]
    }

    let frame: FrameView
    let title: String
    let summary: String
    let action: String
    let groups: [Group]
    /// Every fault, for the summary above the form.
    let faults: [FieldView.Fault]
    let hasFaults: Bool
    let faultCount: String
    let notice: FormPage.Notice?
    let maxSize: String
    let maxBytes: Int64

    init(_ page: FormPage) {
        let title = page.recipe.title
        frame = FrameView(page.frame, title: page.hasFaults ? "Please mend: \(title)" : title, page: "form")
        self.title = title
        summary = page.recipe.summary
        action = page.action
        var groups: [Group] = []
        for field in page.fields {
            if groups.isEmpty || groups[groups.count - 1].groupTitle != field.field.group {
                groups.append(Group(groupTitle: field.field.group, fields: []))
            }
            groups[groups.count - 1].fields.append(FieldView(field))
        }
        self.groups = groups
        faults =
            page.strayFaults.map {
                FieldView.Fault(id: nil, label: $0.field.isEmpty ? "The form" : $0.field, message: $0.message)
            }
            + page.fields.flatMap { field in
                field.faults.map {
                    FieldView.Fault(id: FieldView.id(of: field.field), label: field.field.label, message: $0.message)
                }
            }
        hasFaults = page.hasFaults
        faultCount = faults.count == 1 ? "One thing needs mending" : "\(faults.count) things need mending"
        notice = page.notice
        maxSize = page.maxBytes.sizeText
        maxBytes = page.maxBytes
    }
}

/// One field, with the flag of the kind that it is.
struct FieldView: Sendable {
    struct Fault: Sendable {
        let id: String?
        let label: String
        let message: String
    }

    struct Option: Sendable {
        let id: String
        let value: String
        let label: String
        let optionHelp: String?
        let isChosen: Bool
    }

    let id: String
    let name: String
    let label: String
    let help: String?
    /// What a file may be, in words.
    let advice: String?
    let isRequired: Bool
    let placeholder: String?
    let value: String
    let options: [Option]
    let faults: [Fault]
    let lostFileName: String?
    let describedBy: String?
    let isInvalid: Bool

    let isLine: Bool
    /// A line with a colour chooser beside it.
    let isColor: Bool
    let isTextArea: Bool
    let isSelect: Bool
    let isToggle: Bool
    let isMultichoice: Bool
    let isFile: Bool
    let isOn: Bool
    /// `type` and `inputmode` of an `input`, `accept` of a file.
    let inputType: String
    let autocomplete: String?
    let accept: String?
    let maxBytes: Int64?
    let minLength: Int?
    let maxLength: Int?
    let min: String?
    let max: String?
    let step: String?

    static func id(of field: Field) -> String { "field-\(field.name)" }

    init(_ form: FormField) {
        let field = form.field
        let id = Self.id(of: field)
        self.id = id
        name = field.name.text
        label = field.label
        help = field.help
        isRequired = field.isRequired
        placeholder = field.placeholder
        value = if case .text(let text) = form.value { text } else { "" }
        isOn = if case .toggle(let isOn) = form.value { isOn } else { false }
        faults = form.faults.map { Fault(id: id, label: field.label, message: $0.message) }
        lostFileName = form.lostFileName
        isInvalid = !form.faults.isEmpty
        advice = Self.advice(field)
        options = Self.options(field, form.value, id)
        let describing = [
            field.help == nil ? nil : "\(id)-help", advice == nil ? nil : "\(id)-advice",
            form.faults.isEmpty ? nil : "\(id)-faults",
        ].compactMap { $0 }
        describedBy = describing.isEmpty ? nil : describing.joined(separator: " ")

        let shape = Shape(field)
        isLine = shape.control == .line
        isColor = if case .text(let rule) = field.kind { rule.isColor } else { false }
        isTextArea = shape.control == .area
        isSelect = shape.control == .select
        isToggle = shape.control == .toggle
        isMultichoice = shape.control == .multichoice
        isFile = shape.control == .file
        inputType = shape.inputType
        autocomplete = shape.autocomplete
        accept = field.fileRule?.accept.joined(separator: ",")
        maxBytes = field.fileRule?.maxBytes
        minLength = shape.minLength
        maxLength = shape.maxLength
        min = shape.min
        max = shape.max
        step = shape.step
    }

    private static func options(_ field: Field, _ value: FormField.Value, _ id: String) -> [Option] {
        let choices: [Choice]
        switch field.kind {
        case .choice(let all, default: _), .multichoice(let all, default: _): choices = all
        case .text, .email, .url, .number, .toggle, .image, .archive, .file: return []
        }
        return choices.enumerated().map { index, choice in
            let isChosen: Bool =
                switch value {
                case .text(let text): text == choice.value
                case .choices(let chosen): chosen.contains(choice.value)
                case .toggle, .file: false
                }
            return Option(
                id: "\(id)-\(index)", value: choice.value, label: choice.label, optionHelp: choice.help,
                isChosen: isChosen)
        }
    }

    private static func advice(_ field: Field) -> String? {
        switch field.kind {
        case .image(let file, let image):
            "\(Wording.kinds(file.accept)), best \(image.width) × \(image.height) pixels, "
                + "up to \(file.maxBytes.sizeText)"
        case .archive(let file, let archive):
            "\(Wording.kinds(file.accept)) archive, up to \(file.maxBytes.sizeText) and \(archive.maxEntries) files"
        case .file(let file):
            "\(Wording.kinds(file.accept)), up to \(file.maxBytes.sizeText)"
        case .text(let rule):
            rule.patternHint
        case .email, .url, .number, .choice, .toggle, .multichoice:
            nil
        }
    }

    /// Which control a field is, and what the browser may check beforehand.
    private struct Shape {
        enum Control { case line, area, select, toggle, multichoice, file }

        var control: Control
        var inputType = "text"
        var autocomplete: String?
        var minLength: Int?
        var maxLength: Int?
        var min: String?
        var max: String?
        var step: String?

        init(_ field: Field) {
            switch field.kind {
            case .text(let rule):
                // HTML counts UTF-16 units, Kiln characters: only a bound that is surely too long is told the browser.
                control = rule.isMultiline ? .area : .line
                maxLength = rule.maxLength * 16
            case .email:
                control = .line
                inputType = "email"
                autocomplete = "email"
            case .url:
                control = .line
                inputType = "url"
            case .number(let rule):
                control = .line
                inputType = "number"
                min = rule.min.map { "\($0)" }
                max = rule.max.map { "\($0)" }
                step = rule.isInteger ? "1" : "any"
            case .choice: control = .select
            case .toggle: control = .toggle
            case .multichoice: control = .multichoice
            case .image, .archive, .file: control = .file
            }
        }
    }
}

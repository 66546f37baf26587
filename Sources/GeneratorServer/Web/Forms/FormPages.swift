import Domain
import Hummingbird
import Intake

/// Fills form pages: with defaults, with what a link says, or with what was typed and what is wrong with it.
struct FormPages {
    let web: Web

    /// An empty form, pre-filled from the query: only fields that the form has, each checked like typed ones.
    func fresh(_ recipe: Recipe, _ request: Request, _ context: WebContext) -> FormPage {
        let recipe = web.settings.mail.languages.asking(recipe, web.language(request))
        var given: [String: [String]] = [:]
        for (name, value) in PercentCoding.query(request.uri.query) {
            guard let field = Self.field(name, of: recipe), field.fileRule == nil else { continue }
            given[name, default: []].append(value)
        }
        let faults = given.isEmpty ? [] : Self.faults(of: given, in: recipe)
        return page(recipe, values: given, faults: faults, lost: [:], notice: nil, request, context)
    }

    /// The form given back.
    func refused(
        _ recipe: Recipe, values: [String: [String]], faults: [FieldFault], messages: [FaultMessage] = [],
        lost: [String: String] = [:], notice: FormPage.Notice?, _ request: Request, _ context: WebContext
    ) -> FormPage {
        let recipe = web.settings.mail.languages.asking(recipe, web.language(request))
        var page = page(recipe, values: values, faults: faults, lost: lost, notice: notice, request, context)
        for message in messages {
            if let place = page.fields.firstIndex(where: { $0.field.name.text == message.field }) {
                page.fields[place].faults.append(message)
            } else {
                page.strayFaults.append(message)
            }
        }
        return page
    }

    private static func faults(of given: [String: [String]], in recipe: Recipe) -> [FieldFault] {
        let parts = given.flatMap { name, values in
            values.map { Submission.Part(name: name, content: .text($0)) }
        }
        switch FormCheck.check(Submission(parts: parts), fields: recipe.fields, isWhole: false) {
        case .inputs: return []
        // A link need not fill the whole form.
        case .faults(let faults): return faults.filter { $0.code != .missing && given[$0.field] != nil }
        }
    }

    private func page(
        _ recipe: Recipe, values: [String: [String]], faults: [FieldFault], lost: [String: String],
        notice: FormPage.Notice?, _ request: Request, _ context: WebContext
    ) -> FormPage {
        var byField: [String: [FaultMessage]] = [:]
        var stray: [FaultMessage] = []
        for fault in faults {
            let field = Self.field(fault.field, of: recipe)
            let message = FaultWording.message(fault, of: field)
            if field == nil { stray.append(message) } else { byField[fault.field, default: []].append(message) }
        }
        let fields = recipe.fields.map { field in
            FormField(
                field: field, value: Self.value(of: field, given: values[field.name.text]),
                faults: byField[field.name.text] ?? [], lostFileName: lost[field.name.text])
        }
        return FormPage(
            frame: web.frame(request, context), recipe: recipe,
            action: web.siteMap.submit(recipe.id, key: Self.newKey()), fields: fields, strayFaults: stray,
            notice: notice, maxBytes: web.dependencies.receiver.bodyLimit(for: recipe))
    }

    private static func field(_ name: String, of recipe: Recipe) -> Field? {
        recipe.fields.first { $0.name.text == name }
    }

    /// 128 random bits.
    private static func newKey() -> String {
        String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
    }

    /// What is shown in a field; `given`: what came for it, `nil` if nothing did.
    static func value(of field: Field, given: [String]?) -> FormField.Value {
        switch field.kind {
        case .text(let rule): .text(given?.last ?? rule.defaultValue ?? "")
        case .email, .url: .text(given?.last ?? "")
        case .number(let rule): .text(given?.last ?? rule.defaultValue.map(Quantity.number) ?? "")
        case .choice(let choices, let standard): .text(given?.last ?? standard ?? choices.first?.value ?? "")
        case .toggle(let standard): .toggle(given.map { isOn($0) } ?? standard)
        case .multichoice(_, let standard): .choices(Set((given ?? standard).filter { !$0.isEmpty }))
        case .image, .archive, .file: .file
        }
    }

    private static func isOn(_ given: [String]) -> Bool {
        given.contains { ["on", "true", "1", "yes"].contains($0.lowercased()) }
    }
}

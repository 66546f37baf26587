import Domain

/// What the mail templates may name.
struct MailView: Sendable {
    struct Asked: Sendable {
        let label: String
        let value: String
    }

    struct File: Sendable {
        let name: String
        let url: String
        let size: String
        let sha256: String
    }

    let kind: MailKind
    let recipe: String
    let build: String
    let page: String
    let log: String
    let askedAt: String
    let asked: [Asked]
    let files: [File]
    /// When the files are removed.
    let until: String
    let pictureID: String
    let hasPicture: Bool
    /// What went wrong, in one sentence.
    let failure: String
    let errorLine: String
    let isInputFault: Bool
    let isBuildFault: Bool
    let isInfrastructureFault: Bool
    let isTimeout: Bool

    /// For subjects that a recipe writes itself: the fields' values by name.
    var fieldTexts: [String: String] { texts }
    private let texts: [String: String]

    init(delivery: Delivery, build: Build, recipe: Recipe?, links: MailComposer.Links, hasPicture: Bool) {
        kind = delivery.kind
        self.recipe = recipe?.title ?? build.recipe.text
        self.build = build.id.text
        page = links.page(build.id)
        log = links.log(build.id)
        askedAt = build.createdAt.forReaders
        let shown = build.inputs.values.map { value in
            (
                value.field, recipe?.field(value.field)?.label ?? value.field.text,
                value.content.text(recipe, value.field)
            )
        }
        asked = shown.filter { !$0.2.isEmpty }.map { Asked(label: $0.1, value: $0.2) }
        texts = Dictionary(shown.map { ($0.0.text, $0.2) }, uniquingKeysWith: { first, _ in first })
        files = build.artifacts.filter { $0.role == .product }.map { artifact in
            File(
                name: artifact.name, url: links.artifact(build.id, artifact.name), size: artifact.bytes.sizeText,
                sha256: artifact.sha256)
        }
        until = build.expiresAt?.forReaders ?? ""
        pictureID = MailMessage.contentID(ofPicture: 0, entry: delivery.id)
        self.hasPicture = hasPicture
        let failure: Failure? = if case .failed(let failure) = build.state { failure } else { nil }
        self.failure = failure?.message ?? ""
        errorLine = failure?.errorLine ?? ""
        isInputFault = failure?.kind == .input
        isBuildFault = failure?.kind == .build
        isInfrastructureFault = failure?.kind == .infrastructure
        isTimeout = failure?.kind == .timeout
    }
}

extension InputValue.Content {
    /// The value as the requester chose it: the labels of choices, the names of files.
    fileprivate func text(_ recipe: Recipe?, _ field: FieldName) -> String {
        let choices: [Choice] =
            switch recipe?.field(field)?.kind {
            case .choice(let choices, _), .multichoice(let choices, _): choices
            default: []
            }
        func label(_ value: String) -> String { choices.first { $0.value == value }?.label ?? value }
        return switch self {
        case .text(let text): label(text)
        case .number(let number): number == number.rounded() ? String(Int64(number)) : String(number)
        case .toggle(let isOn): isOn ? "yes" : "no"
        case .choices(let values): values.map(label).joined(separator: ", ")
        case .upload(let upload): "\(upload.name) (\(upload.bytes.sizeText))"
        }
    }
}

extension Timestamp {
    /// `21 November 2026, 09:45 UTC`
    fileprivate var forReaders: String {
        let months = [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December",
        ]
        let (date, time) = components
        return "\(date.day) \(months[date.month - 1]) \(date.year), \(time.hour.twoDigits):\(time.minute.twoDigits) UTC"
    }
}

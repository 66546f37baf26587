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

    struct ContextLine: Sendable {
        let text: String
        let isError: Bool
    }

    /// How one build ended.
    struct End: Sendable {
        let page: String
        /// `nil` if there is none; an empty text would count as one in a template.
        let log: String?
        let isReady: Bool
        let isFailed: Bool
        let isCancelled: Bool
        let isExpired: Bool
        let files: [File]
        /// When the files are removed.
        let until: String
        /// They are removed already.
        let areFilesGone: Bool
        /// What went wrong, in one sentence.
        let failure: String
        let errorLine: String?
        /// The lines of the log around that line; empty if there are none.
        let context: [ContextLine]
        let hasContext: Bool
        let isInputFault: Bool
        let isBuildFault: Bool
        let isInfrastructureFault: Bool
        let isTimeout: Bool

        init(_ build: Build, hasLog: Bool, links: MailComposer.Links) {
            page = links.page(build.id)
            log = hasLog ? links.log(build.id) : nil
            isReady = build.state == .succeeded
            isCancelled = build.state == .cancelled
            isExpired = build.state == .expired
            areFilesGone = build.filesRemovedAt != nil
            let products = isReady && !areFilesGone ? build.artifacts.filter { $0.role == .product } : []
            files = products.map { artifact in
                File(
                    name: artifact.name, url: links.artifact(build.id, artifact.name), size: artifact.bytes.sizeText,
                    sha256: artifact.sha256)
            }
            until = build.expiresAt?.forReaders ?? ""
            let failure: Failure? = if case .failed(let failure) = build.state { failure } else { nil }
            isFailed = failure != nil
            self.failure = failure?.message ?? ""
            errorLine = failure?.errorLine
            context = (failure?.contextLines ?? []).map { ContextLine(text: $0.text, isError: $0.isError) }
            hasContext = !context.isEmpty
            isInputFault = failure?.kind == .input
            isBuildFault = failure?.kind == .build
            isInfrastructureFault = failure?.kind == .infrastructure
            isTimeout = failure?.kind == .timeout
        }
    }

    /// One of several builds.
    struct Target: Sendable {
        let target: String
        let end: End
    }

    let kind: MailKind
    /// With the target, where it is the only one.
    let recipe: String
    let build: String
    let askedAt: String
    let asked: [Asked]
    /// Of the only build, or of the lead.
    let end: End
    let isGroup: Bool
    let targets: [Target]
    let count: Int
    let readyCount: Int
    let isReadyInPart: Bool
    let pictureID: String
    let hasPicture: Bool

    /// For subjects that a recipe writes itself: the fields' values by name.
    var fieldTexts: [String: String] { texts }
    private let texts: [String: String]

    /// - Parameters:
    ///   - builds: the lead first; at least one.
    ///   - logged: those that have a log.
    init(
        delivery: Delivery, builds: [Build], logged: Set<BuildID>, recipe: Recipe?, links: MailComposer.Links,
        hasPicture: Bool
    ) {
        let lead = builds[0]
        func name(_ build: Build) -> String? { build.target.map { recipe?.label(ofTarget: $0) ?? $0 } }
        kind = delivery.kind
        isGroup = builds.count > 1
        let title = recipe?.title ?? lead.recipe.text
        self.recipe = isGroup ? title : [title, name(lead)].compactMap { $0 }.joined(separator: ", ")
        build = lead.id.text
        askedAt = lead.createdAt.forReaders
        let shown = lead.inputs.values.map { value in
            (
                value.field, recipe?.field(value.field)?.label ?? value.field.text,
                value.content.text(recipe, value.field)
            )
        }
        asked = shown.filter { !$0.2.isEmpty }.map { Asked(label: $0.1, value: $0.2) }
        texts = Dictionary(shown.map { ($0.0.text, $0.2) }, uniquingKeysWith: { first, _ in first })
        let ends = builds.map { End($0, hasLog: logged.contains($0.id), links: links) }
        end = ends[0]
        targets = isGroup ? zip(builds, ends).map { Target(target: name($0) ?? $0.id.text, end: $1) } : []
        count = builds.count
        readyCount = ends.count { $0.isReady }
        isReadyInPart = isGroup && readyCount < count
        pictureID = MailMessage.contentID(ofPicture: 0, entry: delivery.id)
        self.hasPicture = hasPicture
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

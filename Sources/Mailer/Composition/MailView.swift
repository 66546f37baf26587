import Domain
import Storage

/// What the mail templates may name: a tree of values, because templates look names up in it by hundreds.
struct MailView {
    let kind: MailKind
    private(set) var values: [String: Any] = [:]
    /// What words have plural forms for.
    private(set) var numbers: [String: Int] = [:]
    /// For subjects that a recipe writes itself: the fields' values by name.
    private(set) var fields: [String: String] = [:]

    /// What goes into a mail beside its texts; decided by the composer.
    struct Enclosed: Hashable {
        var hasPicture = false
        /// Attached products.
        var products: Set<ObjectKey> = []
        var log: LogPiece?

        enum LogPiece { case whole, end }
    }

    /// What of the log is shown in the mail itself.
    var tail: [String] {
        get { values["tail"] as? [String] ?? [] }
        set {
            values["tail"] = newValue
            values["hasTail"] = !newValue.isEmpty
            count("tailCount", newValue.count)
        }
    }

    /// - Parameters:
    ///   - builds: the lead first; at least one.
    ///   - logged: those that have a log.
    ///   - source: the requester's network address, where it is known.
    init(
        delivery: Delivery, builds: [Build], logged: Set<BuildID>, recipe: Recipe?, source: String?,
        enclosed: Enclosed, links: MailComposer.Links, voice: MailVoice
    ) {
        let lead = builds[0]
        func name(_ build: Build) -> String? { build.target.map { recipe?.label(ofTarget: $0) ?? $0 } }
        kind = delivery.kind
        let isGroup = builds.count > 1 && kind != .confirmation
        let title = recipe?.title ?? lead.recipe.text
        values["kind"] = [kind.rawValue: true]
        values["language"] = voice.language.text
        values["direction"] = voice.language.isRightToLeft ? "rtl" : "ltr"
        values["recipe"] =
            isGroup || builds.count > 1 ? title : [title, name(lead)].compactMap { $0 }.joined(separator: ", ")
        values["build"] = lead.id.text
        values["askedAt"] = voice.date(lead.createdAt)
        values["isGroup"] = isGroup
        values["hasPicture"] = enclosed.hasPicture
        values["pictureID"] = MailMessage.contentID(ofPicture: 0, entry: delivery.id)
        values["stop"] = links.stop(lead)

        let ends = builds.map { Self.end($0, hasLog: logged.contains($0.id), enclosed, links, voice) }
        values["end"] = ends[0]
        values["targets"] =
            isGroup ? zip(builds, ends).map { ["target": name($0) ?? $0.id.text, "end": $1] as [String: Any] } : []
        let ready = builds.count { $0.state == .succeeded }
        values["isReadyInPart"] = isGroup && ready < builds.count
        count("count", builds.count)
        count("readyCount", ready)
        ask(lead, recipe, voice)
        tail = []
        if kind == .confirmation { confirm(lead, source, links, voice) }
    }

    private mutating func count(_ name: String, _ number: Int) {
        values[name] = number
        numbers[name] = number
    }

    private mutating func confirm(_ lead: Build, _ source: String?, _ links: MailComposer.Links, _ voice: MailVoice) {
        values["confirm"] = links.confirm(lead)
        values["notMe"] = links.notMe(lead)
        values["confirmBy"] = voice.date(lead.confirmBy ?? lead.createdAt)
        // Optionals that are `nil` would count as something.
        if let network = source.flatMap(NetworkName.init) { values["network"] = network.text }
    }

    private mutating func ask(_ lead: Build, _ recipe: Recipe?, _ voice: MailVoice) {
        let isConfirmation = kind == .confirmation
        var asked: [[String: Any]] = []
        for value in lead.inputs.values {
            let shown = AskedValue(value, recipe: recipe, voice: voice)
            fields[value.field.text] = shown.line
            // Addresses are nobody's business but their owners', and the reader knows the own one.
            guard !shown.isEmpty, !shown.isAddress else { continue }
            // Somebody who never asked is not to be written to through a form: a glimpse of each value is enough.
            let lines = isConfirmation ? [ShownText.line(shown.line, longest: 60)] : shown.lines
            asked.append([
                "label": recipe?.field(value.field)?.label ?? value.field.text, "lines": lines,
                "value": lines.joined(separator: "\n      "),
            ])
        }
        let most = isConfirmation ? 12 : 64
        values["fields"] = fields
        values["asked"] = Array(asked.prefix(most))
        values["hasAsked"] = !asked.isEmpty
        values["hasLeftOut"] = asked.count > most
        count("leftOutCount", max(0, asked.count - most))
    }
}

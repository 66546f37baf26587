import Domain
import Storage

/// What the mail templates may name: a tree of values, because templates look names up in it by hundreds.
struct MailView {
    let kind: MailKind
    private(set) var values: [String: MailValue] = [:]
    /// What words have plural forms for.
    private(set) var numbers: [String: Int] = [:]
    /// For subjects that a recipe writes itself: the fields' values by name.
    private(set) var fields: [String: MailValue] = [:]

    /// What goes into a mail beside its texts; decided by the composer.
    struct Enclosed: Hashable {
        var hasPicture = false
        /// Attached products.
        var products: Set<ObjectKey> = []
        var log: LogPiece?

        enum LogPiece { case whole, end }
    }

    /// What of the log is shown in the mail itself.
    mutating func show(tail: [String]) {
        values["tail"] = .list(tail.map { .text($0) })
        values["hasTail"] = .flag(!tail.isEmpty)
        count("tailCount", tail.count)
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
        values["kind"] = .record([kind.rawValue: .flag(true)])
        values["language"] = .text(voice.language.text)
        values["direction"] = .text(voice.language.isRightToLeft ? "rtl" : "ltr")
        values["recipe"] = .text(
            isGroup || builds.count > 1 ? title : [title, name(lead)].compactMap { $0 }.joined(separator: ", "))
        values["build"] = .text(lead.id.text)
        values["askedAt"] = .text(voice.date(lead.createdAt))
        values["isGroup"] = .flag(isGroup)
        values["hasPicture"] = .flag(enclosed.hasPicture)
        values["pictureID"] = .text(MailMessage.contentID(ofPicture: 0, entry: delivery.id))
        values["stop"] = links.stop(lead).map { .text($0) }

        let ends = builds.map { Self.end($0, hasLog: logged.contains($0.id), enclosed, links, voice) }
        values["end"] = .record(ends[0])
        let targets = isGroup ? Array(zip(builds, ends)) : []
        values["targets"] = .list(
            targets.map { .record(["target": .text(name($0) ?? $0.id.text), "end": .record($1)]) })
        let ready = builds.count { $0.state == .succeeded }
        values["isReadyInPart"] = .flag(isGroup && ready < builds.count)
        count("count", builds.count)
        count("readyCount", ready)
        ask(lead, recipe, voice)
        show(tail: [])
        if kind == .confirmation { confirm(lead, source, links, voice) }
    }

    private mutating func count(_ name: String, _ number: Int) {
        values[name] = .number(number)
        numbers[name] = number
    }

    private mutating func confirm(_ lead: Build, _ source: String?, _ links: MailComposer.Links, _ voice: MailVoice) {
        values["confirm"] = .text(links.confirm(lead))
        values["notMe"] = .text(links.notMe(lead))
        values["confirmBy"] = .text(voice.date(lead.confirmBy ?? lead.createdAt))
        values["network"] = source.flatMap(NetworkName.init).map { .text($0.text) }
    }

    private mutating func ask(_ lead: Build, _ recipe: Recipe?, _ voice: MailVoice) {
        let isConfirmation = kind == .confirmation
        var asked: [MailValue] = []
        for value in lead.inputs.values {
            let shown = AskedValue(value, recipe: recipe, voice: voice)
            fields[value.field.text] = .text(shown.line)
            // Addresses are nobody's business but their owners', and the reader knows the own one.
            guard !shown.isEmpty, !shown.isAddress else { continue }
            // Somebody who never asked is not to be written to through a form: a glimpse of each value is enough.
            let lines = isConfirmation ? [ShownText.line(shown.line, longest: 60)] : shown.lines
            asked.append(
                .record([
                    "label": .text(recipe?.field(value.field)?.label ?? value.field.text),
                    "lines": .list(lines.map { .text($0) }), "value": .text(lines.joined(separator: "\n      ")),
                ]))
        }
        let most = isConfirmation ? 12 : 64
        values["fields"] = .record(fields)
        values["asked"] = .list(Array(asked.prefix(most)))
        values["hasAsked"] = .flag(!asked.isEmpty)
        values["hasLeftOut"] = .flag(asked.count > most)
        count("leftOutCount", max(0, asked.count - most))
    }
}

import Archives
package import Domain
import Mustache
package import Storage

/// Makes the mail that an outbox entry owes, from the build as it stands, its recipe, and the layouts and words under
/// `templates/mail` and in the recipe's own folder.
package struct MailComposer: Sendable {
    /// Absolute addresses of a build's pages, made by whoever knows the site.
    package struct Links: Sendable {
        package var page: @Sendable (BuildID) -> String
        package var artifact: @Sendable (BuildID, _ name: String) -> String
        package var log: @Sendable (BuildID) -> String
        /// Where the address' owner says that a build is wanted, and that it is not.
        package var confirm: @Sendable (Build) -> String
        package var notMe: @Sendable (Build) -> String
        /// Where the build's address is taken off for good; `nil`: nowhere.
        package var stop: @Sendable (Build) -> String?

        package init(
            page: @escaping @Sendable (BuildID) -> String,
            artifact: @escaping @Sendable (BuildID, _ name: String) -> String,
            log: @escaping @Sendable (BuildID) -> String,
            confirm: @escaping @Sendable (Build) -> String = { _ in "" },
            notMe: @escaping @Sendable (Build) -> String = { _ in "" },
            stop: @escaping @Sendable (Build) -> String? = { _ in nil }
        ) {
            self.page = page
            self.artifact = artifact
            self.log = log
            self.confirm = confirm
            self.notMe = notMe
            self.stop = stop
        }
    }

    let templates: MailTemplates
    let sender: NamedMailAddress
    let links: Links
    let objects: any ObjectStore
    let logs: any LogStore
    let gzip = Gzip()

    package init(
        templates: MailTemplates, sender: NamedMailAddress, links: Links, objects: any ObjectStore,
        logs: any LogStore
    ) {
        self.templates = templates
        self.sender = sender
        self.links = links
        self.objects = objects
        self.logs = logs
    }

    /// - Throws: what the template folder has to say; a text that is missing or broken is noticed here, not when mail is
    ///   due.
    package init(
        templatesDirectory: String, sender: NamedMailAddress, links: Links, objects: any ObjectStore,
        logs: any LogStore
    ) async throws(MailComposerError) {
        self.init(
            templates: try MailTemplates(directory: templatesDirectory), sender: sender, links: links,
            objects: objects, logs: logs)
    }

    /// - Parameters:
    ///   - builds: all of the submission, the lead first.
    ///   - recipe: `nil` if the recipe is gone from the disk; the mail then does without its labels.
    ///   - largest: most bytes that the message may have as it is written; `nil`: no bound is known. What does not fit is
    ///     left out or shortened, and told of; the mail itself always goes.
    ///   - source: the requester's network address, of which a confirmation names the network; `nil` if it is not known.
    package func message(
        for delivery: Delivery, about builds: [Build], recipe: Recipe?, largest: Int64? = nil, source: String? = nil
    ) async throws(MailComposerError) -> MailMessage {
        guard let lead = builds.first else { throw .withoutBuild }
        let voice = templates.voice(
            for: recipe?.id, reader: delivery.language, languages: recipe?.mail.languages ?? [])
        do {
            var logged: Set<BuildID> = []
            for build in builds where build.filesRemovedAt == nil {
                if try await logs.size(of: build.id) > 0 { logged.insert(build.id) }
            }
            // Of several builds the logs are a link away.
            let showsLog = delivery.kind == .failed && builds.count == 1 && logged.contains(lead.id)
            let log = showsLog ? try await readLog(of: lead.id) : nil
            func view(_ enclosed: MailView.Enclosed) -> MailView {
                var view = MailView(
                    delivery: delivery, builds: builds, logged: logged, recipe: recipe, source: source,
                    enclosed: enclosed, links: links, voice: voice)
                view.tail = log?.tail(beside: lead.state) ?? []
                return view
            }
            let bare = view(.init())
            let bareTexts = try render(bare, voice)
            let enclosures = try await enclosures(
                about: builds, attach: recipe?.mail.attach, log: log, budget: MailBudget(largest, texts: bareTexts))
            // Most mails bring nothing with them: their texts are there already.
            let isBare = enclosures.enclosed == .init()
            let final = isBare ? bare : view(enclosures.enclosed)
            let texts = isBare ? bareTexts : try render(final, voice)
            return MailMessage(
                from: sender, to: try MailAddress(checked: delivery.to),
                subject: try subject(final, voice, recipe: recipe), date: delivery.createdAt, entry: delivery.id,
                build: lead.id, text: texts.text, html: texts.html, inlinePictures: enclosures.pictures,
                attachments: enclosures.attachments, stopLink: links.stop(lead).flatMap { try? StopLink($0) })
        } catch let error as MailMessageError {
            throw .unsendable(error)
        } catch let error as StorageError {
            throw .storage(error)
        } catch let error as MailComposerError {
            throw error
        } catch {
            throw .unmade("\(error)")
        }
    }

    private func render(_ view: MailView, _ voice: MailVoice) throws(MailComposerError) -> MailBudget.Texts {
        guard let text = voice.render(view, as: .text) else {
            throw .missingTemplate(MailVoice.layout(view.kind, "txt"))
        }
        guard let html = voice.render(view, as: .html) else {
            throw .missingTemplate(MailVoice.layout(view.kind, "html"))
        }
        return MailBudget.Texts(text: TextLayout.laidOut(text), html: html)
    }

    private func subject(_ view: MailView, _ voice: MailVoice, recipe: Recipe?) throws -> HeaderText {
        let isInPart = view.kind == .succeeded && view.values["isReadyInPart"] as? Bool == true
        let word = isInPart ? "succeededInPartSubject" : view.kind.rawValue + "Subject"
        let written: String? =
            switch view.kind {
            case .succeeded: recipe?.mail.subjectSuccess
            case .failed: recipe?.mail.subjectFailure
            case .cancelled, .expired, .confirmation: nil
            }
        let text: String
        if !voice.ownWords.contains(word), let written, let template = try? MustacheTemplate(string: written) {
            text = MailVoice.text(template, view.fields)
        } else {
            text = voice.subject(word, view)
        }
        let oneLine = text.split(whereSeparator: \.isNewline).joined(separator: " ").trimmingSpaces()
        return try HeaderText(String(oneLine.prefix(150)))
    }
}

/// Why a mail cannot be made.
package enum MailComposerError: Error, Hashable, Sendable {
    case missingTemplate(String)
    case unusableText(MailTextFault)
    /// The address or a text cannot stand in a mail; trying again does not mend it.
    case unsendable(MailMessageError)
    case storage(StorageError)
    /// There is no build that it could be about.
    case withoutBuild
    /// A part of it could not be made, such as a compressed log.
    case unmade(String)
}

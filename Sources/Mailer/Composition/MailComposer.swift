package import Domain
import Mustache
package import Storage

/// Makes the mail that an outbox entry owes, from the build as it stands, its recipe and the templates under
/// `templates/mail/<language>/`.
package struct MailComposer: Sendable {
    /// Absolute addresses of a build's pages, made by whoever knows the site.
    package struct Links: Sendable {
        package var page: @Sendable (BuildID) -> String
        package var artifact: @Sendable (BuildID, _ name: String) -> String
        package var log: @Sendable (BuildID) -> String

        package init(
            page: @escaping @Sendable (BuildID) -> String,
            artifact: @escaping @Sendable (BuildID, _ name: String) -> String,
            log: @escaping @Sendable (BuildID) -> String
        ) {
            self.page = page
            self.artifact = artifact
            self.log = log
        }
    }

    /// Most bytes of a log that are attached; of a longer one its end.
    static let attachedLogBytes: Int64 = 1 << 20
    /// Most bytes of a picture that is shown inside the mail.
    static let inlinePictureBytes: Int64 = 4 << 20

    let templates: MustacheLibrary
    let sender: NamedMailAddress
    let links: Links
    let objects: any ObjectStore
    let logs: any LogStore

    /// - Throws: what the template folder has to say; a template that is missing is noticed here, not when mail is due.
    package init(
        templatesDirectory: String, sender: NamedMailAddress, links: Links, objects: any ObjectStore,
        logs: any LogStore
    ) async throws {
        let library = try await MustacheLibrary(directory: templatesDirectory)
        for kind in MailKind.allCases {
            for form in ["subject", "txt", "html"] {
                let name = Self.template(kind, form)
                guard library.getTemplate(named: name) != nil else { throw MailComposerError.missingTemplate(name) }
            }
        }
        self.templates = library
        self.sender = sender
        self.links = links
        self.objects = objects
        self.logs = logs
    }

    /// - Parameters:
    ///   - builds: all of the submission, the lead first.
    ///   - recipe: `nil` if the recipe is gone from the disk; the mail then does without its labels.
    package func message(
        for delivery: Delivery, about builds: [Build], recipe: Recipe?
    ) async throws(MailComposerError) -> MailMessage {
        guard let lead = builds.first else { throw .withoutBuild }
        let pictures = builds.filter { $0.state == .succeeded && $0.filesRemovedAt == nil }.flatMap { build in
            build.artifacts.filter(Self.isShownInline).map { (build.id, $0) }
        }
        do {
            var logged: Set<BuildID> = []
            for build in builds where build.filesRemovedAt == nil {
                if try await logs.size(of: build.id) > 0 { logged.insert(build.id) }
            }
            let view = MailView(
                delivery: delivery, builds: builds, logged: logged, recipe: recipe, links: links,
                hasPicture: !pictures.isEmpty)
            // Of several builds the logs are a link away.
            let attachesLog = delivery.kind == .failed && builds.count == 1 && logged.contains(lead.id)
            return MailMessage(
                from: sender, to: try MailAddress(checked: delivery.to), subject: try subject(view, recipe: recipe),
                date: delivery.createdAt, entry: delivery.id, build: lead.id,
                text: try render(view, Self.template(delivery.kind, "txt")),
                html: try render(view, Self.template(delivery.kind, "html")),
                inlinePictures: try pictures.prefix(1).map { try part(of: $0.0, artifact: $0.1) },
                attachments: attachesLog ? [try await logAttachment(of: lead.id)] : [])
        } catch let error as MailMessageError {
            throw .unsendable(error)
        } catch let error as StorageError {
            throw .storage(error)
        } catch let error as MailComposerError {
            throw error
        } catch {
            throw .missingTemplate("\(delivery.kind)")
        }
    }

    private static func isShownInline(_ artifact: Artifact) -> Bool {
        artifact.role == .picture && artifact.bytes <= inlinePictureBytes
            && ["image/png", "image/jpeg"].contains(artifact.contentType)
    }

    private static func template(_ kind: MailKind, _ form: String) -> String {
        "mail/en/\(kind.rawValue).\(form)"
    }

    private func subject(_ view: MailView, recipe: Recipe?) throws -> HeaderText {
        let own: String? =
            switch view.kind {
            case .succeeded: recipe?.mail.subjectSuccess
            case .failed: recipe?.mail.subjectFailure
            case .cancelled, .expired, .confirmation: nil
            }
        let text: String
        if let own, let template = try? MustacheTemplate(string: "{{% CONTENT_TYPE:TEXT}}" + own) {
            text = template.render(view.fieldTexts)
        } else {
            text = try render(view, Self.template(view.kind, "subject"))
        }
        // A field's text is one line by its own check; what a template adds around it is not the requester's.
        let oneLine = text.split(whereSeparator: \.isNewline).joined(separator: " ").trimmingSpaces()
        return try HeaderText(String(oneLine.prefix(150)))
    }

    private func render(_ view: MailView, _ name: String) throws(MailComposerError) -> String {
        guard let text = templates.render(view, withTemplate: name) else { throw .missingTemplate(name) }
        return text
    }

    private func part(of build: BuildID, artifact: Artifact) throws -> MailPart {
        let key = ObjectKey(build: build, name: artifact.name)
        return MailPart(
            name: try HeaderText(artifact.name), contentType: artifact.contentType, bytes: artifact.bytes
        ) { [objects] offset, length in
            try await objects.read(key, from: offset, length: length)
        }
    }

    /// The end of the log without its colours, held as a whole: it is no longer than is attached.
    private func logAttachment(of build: BuildID) async throws -> MailPart {
        let size = try await logs.size(of: build)
        let start = max(0, size - Self.attachedLogBytes)
        var stored: [UInt8] = []
        while start + Int64(stored.count) < size {
            let wanted = Int(size - start) - stored.count
            let piece = try await logs.read(build, from: start + Int64(stored.count), length: min(wanted, 256 << 10))
            if piece.isEmpty { break }
            stored += piece
        }
        // What stands before the first line's end was cut somewhere, perhaps within a code.
        if start > 0, let end = stored.firstIndex(of: 0x0A) { stored.removeSubrange(...end) }
        var cleaner = LogText()
        let text = cleaner.clean(stored)
        let name = try HeaderText(start > 0 ? "end-of-log.txt" : "log.txt")
        return MailPart(name: name, contentType: "text/plain; charset=utf-8", bytes: Int64(text.count)) {
            offset, length in
            Array(text.dropFirst(Int(offset)).prefix(length))
        }
    }
}

/// Why a mail cannot be made.
package enum MailComposerError: Error, Hashable, Sendable {
    case missingTemplate(String)
    /// The address or a text cannot stand in a mail; trying again does not mend it.
    case unsendable(MailMessageError)
    case storage(StorageError)
    /// There is no build that it could be about.
    case withoutBuild
}

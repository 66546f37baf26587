import BuildRunner
import Domain
import Foundation
import Intake
import Logging
import Mailer
import NIOCore
import Pictures
import Recipes
import Sandbox
import ServiceLifecycle
import Storage

extension Parts {
    func workshop(providers: [any BuildProvider], links: JobLinks, faults: FaultPoints) -> Workshop {
        let (uploads, installed, secrets) = (uploads, recipes.recipes, secrets)
        let verifier = Verifier(
            runs: runs, prepared: prepared, objects: objects, uploadPath: { uploads.path(of: $0) },
            accelerator: configuration.verify.accelerator == .kvm ? .kvm : .tcg)
        return Workshop(
            store: store, logs: logs, objects: objects, notices: notices, clock: clock, providers: providers,
            verifier: verifier, kinds: kinds, recipes: { installed }, scratch: data.scratch,
            secret: { secrets.value(of: $0) }, links: links, reports: store, reportFiles: reportFiles, addresses: store,
            releases: ReleaseLinks(transfers: transfers, clock: clock), gathering: gathering, signer: productSigner,
            removeUploads: { await uploads.remove($0) },
            settings: WorkshopSettings(
                workers: configuration.queue.workers, remoteAtOnce: configuration.providers.atOnce,
                remoteTriggersPerMinute: configuration.providers.triggersPerMinute), faults: faults, logger: logger)
    }

    /// Over a thread of its own: nothing else waits where requesters' hosts are slow.
    private var gathering: Gathering {
        let uploads = uploads
        return Gathering(
            transfers: Self.transfers(configuration.network, mostInFlight: 64, mostPerHost: 16),
            check: submissionCheck
        ) { path in
            let kept = try await uploads.keep(fileAt: path)
            return Gathering.Kept(id: kept.id, bytes: kept.bytes, sha256: kept.sha256)
        }
    }

    /// The delivery service and its transports; `nil` where no mail is wanted.
    func mail(site: SiteMap, faults: FaultPoints) async throws -> (service: DeliveryService, route: MailRoute)? {
        let tools = MailTransports.Tools(
            transfers: transfers, scratch: data.scratch, clock: clock, authority: site.authority,
            secretFile: configuration.server.secretFile)
        guard let transports = try MailTransports(configuration.mail, tools: tools) else { return nil }
        let signer = signer
        let links = MailComposer.Links(
            page: { site.absolute(site.build($0)) }, artifact: { site.absolute(site.artifact($1, of: $0)) },
            log: { site.absolute(site.log($0)) },
            confirm: { site.absolute(site.confirm(signer.sign(.confirm($0.id)))) },
            notMe: { site.absolute(site.notMe(signer.sign(.confirm($0.id)))) },
            stop: { site.absolute(site.stopMails(signer.sign(.stop($0.id)))) })
        let composer = MailComposer(
            templates: try mailTemplates(), sender: transports.sender, links: links, objects: objects, logs: logs)
        let recipes = recipes
        let route = MailRoute(
            primary: transports.primary, fallback: transports.fallback,
            fallbackAfter: configuration.mail.fallback?.after ?? 1, at: clock.now())
        let service = DeliveryService(
            outbox: store, builds: store, objects: objects, notices: notices, composer: composer, route: route,
            recipe: { recipes[$0] }, clock: clock, faults: faults, settings: deliverySettings, logger: logger)
        return (service, route)
    }

    private var deliverySettings: DeliveryService.Settings {
        let mail = configuration.mail
        var settings = DeliveryService.Settings()
        settings.replyTo = mail.replyTo.flatMap { try? NamedMailAddress(parsing: $0) }
        settings.pace.perHour = configuration.limits.mailsPerHour
        // Nobody's server is to be spared by a folder on this machine.
        if mail.service.leavesTheMachine {
            settings.pace.perDomainPerMinute = mail.perDomainPerMinute
            settings.pace.perDomainAtOnce = mail.perDomainAtOnce
        }
        return settings
    }

    /// A recipe's own text that cannot be used is left out and said loudly; the shared one stands in for it.
    private func mailTemplates() throws(HouseError) -> MailTemplates {
        let sources = recipes.recipes.map { MailTemplates.Source($0, folder: "\(recipesDirectory)/\($0.id)") }
        do throws(MailComposerError) {
            let templates = try MailTemplates(directory: configuration.templates.directory, recipes: sources)
            for fault in templates.faults {
                logger.error("A recipe's mail text cannot be used", metadata: ["finding": "\(fault)"])
            }
            return templates
        } catch {
            throw HouseError.mailTemplates("\(error)")
        }
    }

    var sweeper: UploadSweeper { UploadSweeper(uploads: uploads, builds: store, clock: clock, logger: logger) }

    func webSettings(site: SiteMap) -> WebSettings {
        let (server, limits) = (configuration.server, configuration.limits)
        var connections = ConnectionLimits()
        connections.headTime = TimeAmount(limits.headerTime)
        connections.idleTime = TimeAmount(limits.idleTime)
        connections.bodyTime = TimeAmount(limits.bodyTime)
        connections.minBytesPerSecond = limits.minBytesPerSecond
        return WebSettings(
            host: server.host, port: server.port, publicURL: site.publicURL, trustsProxy: { server.trusts($0) },
            maxConnections: server.maxConnections, connections: connections,
            accept: AcceptLimits(
                waiting: configuration.queue.maxWaiting, perSourcePerHour: limits.perSourcePerHour,
                perAddressPerHour: limits.perAddressPerHour,
                confirmationsPerAddressPerHour: limits.confirmationsPerAddressPerHour,
                confirmationsPerSourcePerHour: limits.confirmationsPerSourcePerHour),
            workers: configuration.queue.workers, mail: mailSettings)
    }

    private var mailSettings: MailSettings {
        let mail = configuration.mail
        return MailSettings(
            isOn: mail.service != .none,
            languages: mail.service == .none
                ? MailLanguages()
                : MailLanguages(templatesDirectory: configuration.templates.directory, standard: mail.language),
            confirmWithin: mail.confirm ? mail.confirmTime : nil, confirmMemory: mail.confirmMemory)
    }

    func webDependencies(checks: [HealthCheck], faults: FaultPoints) async throws -> WebDependencies {
        let publicFiles: PublicFiles
        do { publicFiles = try PublicFiles(directory: configuration.publicFiles.directory) } catch {
            throw HouseError.folder(
                key: "public.directory", path: configuration.publicFiles.directory, reason: error.localizedDescription)
        }
        let pages: MustachePages
        do { pages = try await MustachePages(templatesDirectory: configuration.templates.directory) } catch {
            throw HouseError.folder(
                key: "templates.directory", path: configuration.templates.directory, reason: "\(error)")
        }
        let pictures = PictureProcessor(
            detector: kinds, tools: SandboxedPictureTools(settings: sandbox), workDirectory: data.pictures)
        let catalog = RecipeCatalog(recipes: recipes.recipes, pictures: recipePictures())
        return WebDependencies(
            recipes: { catalog }, builds: store, outbox: store, desk: store, addresses: store, logs: logs,
            objects: objects, notices: notices,
            reports: store, reportFiles: reportFiles, uploads: uploads,
            receiver: SubmissionReceiver(
                store: uploads, guards: KilnUploadGuard(images: ImageGuard(pictures: pictures)), kinds: kinds,
                largestBody: configuration.limits.uploadBytes),
            check: submissionCheck, signer: signer, clock: clock, health: checks, webhooks: webhooks(),
            mailReports: try mailReports(), pages: pages, publicFiles: publicFiles,
            faults: faults,
            logger: logger)
    }

    private func recipePictures() -> [RecipeID: PublicFile] {
        var pictures: [RecipeID: PublicFile] = [:]
        for recipe in recipes.recipes {
            guard let name = recipe.picture else { continue }
            guard let type = PublicFiles.contentType(of: name),
                let bytes = FileManager.default.contents(atPath: "\(recipesDirectory)/\(recipe.id)/\(name)")
            else { continue }
            pictures[recipe.id] = PublicFile(contentType: type, bytes: [UInt8](bytes))
        }
        return pictures
    }
}

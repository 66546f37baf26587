import BuildRunner
import Domain
import Foundation
import Intake
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
            secret: { secrets.value(of: $0) }, links: links, reports: store, reportFiles: reportFiles,
            releases: ReleaseLinks(transfers: transfers, clock: clock), removeUploads: { await uploads.remove($0) },
            settings: WorkshopSettings(
                workers: configuration.queue.workers, remoteAtOnce: configuration.providers.atOnce,
                remoteTriggersPerMinute: configuration.providers.triggersPerMinute), faults: faults, logger: logger)
    }

    /// The delivery service and its transports; `nil` where no mail is wanted.
    func mail(site: SiteMap, faults: FaultPoints) async throws -> (service: DeliveryService, route: MailRoute)? {
        let transport: any MailTransport
        switch configuration.mail.service {
        case .none: return nil
        case .smtp, .sendgrid: throw HouseError.mailService(configuration.mail.service.rawValue)
        case .maildir:
            transport = MaildirTransport(directory: DataFolder.absolute(configuration.mail.maildirDirectory))
        }
        let sender: NamedMailAddress
        do { sender = try NamedMailAddress(parsing: configuration.mail.from) } catch {
            throw HouseError.mailSender(configuration.mail.from)
        }
        let links = MailComposer.Links(
            page: { site.absolute(site.build($0)) }, artifact: { site.absolute(site.artifact($1, of: $0)) },
            log: { site.absolute(site.log($0)) })
        let composer: MailComposer
        do {
            composer = try await MailComposer(
                templatesDirectory: configuration.templates.directory, sender: sender, links: links, objects: objects,
                logs: logs)
        } catch {
            throw HouseError.mailTemplates("\(error)")
        }
        let recipes = recipes
        let route = MailRoute(primary: transport, at: clock.now())
        let service = DeliveryService(
            outbox: store, builds: store, objects: objects, notices: notices, composer: composer,
            route: route, recipe: { recipes[$0] }, clock: clock, faults: faults, logger: logger)
        return (service, route)
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
                perAddressPerHour: limits.perAddressPerHour), workers: configuration.queue.workers)
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
            recipes: { catalog }, builds: store, outbox: store, logs: logs, objects: objects, notices: notices,
            reports: store, reportFiles: reportFiles, uploads: uploads,
            receiver: SubmissionReceiver(
                store: uploads, guards: KilnUploadGuard(images: ImageGuard(pictures: pictures)), kinds: kinds,
                largestBody: configuration.limits.uploadBytes),
            signer: signer, clock: clock, health: checks, webhooks: webhooks(), pages: pages, publicFiles: publicFiles,
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

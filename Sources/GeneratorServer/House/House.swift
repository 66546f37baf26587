import BuildRunner
import Domain
import FileKind
import Foundation
import Intake
import Logging
import Mailer
import Pictures
import Recipes
import Sandbox
import ServiceLifecycle
import Storage

/// The composition root: makes every part from the configuration and puts them together. Nothing else wires anything.
struct House: Sendable {
    let configuration: KilnConfiguration
    let services: [any Service]

    /// - Throws: `HouseError`, in an operator's words.
    static func build(_ configuration: KilnConfiguration, faults: FaultPoints, logger: Logger) async throws -> House {
        let parts = try await Parts(configuration, logger: logger)
        let site = SiteMap(publicURL: configuration.server.publicURL(boundPort: configuration.server.port))
        let links = site.jobLinks(signer: parts.signer)
        let providers = parts.providers(links: links)
        await parts.warnOfWhatStopsBuilds()
        let workshop = parts.workshop(providers: providers, links: links, faults: faults)
        let mail = try await parts.mail(site: site, faults: faults)
        let checks = parts.checks(
            providers: providers, states: { workshop.providerStates() }, mail: mail?.route)
        var dependencies = try await parts.webDependencies(checks: checks, faults: faults)
        dependencies.providerStates = {
            workshop.providerStates().map {
                ProviderStatus($0, atOnce: workshop.settings.atOnce[$0.name] ?? workshop.settings.remoteAtOnce)
            }
        }
        if let route = mail?.route { dependencies.mailLines = { route.lines.map(\.status) } }
        let server = WebServer(settings: parts.webSettings(site: site), dependencies: dependencies)
        // Stopped from the last to the first: nothing new comes in while what is under way is put down.
        let services: [any Service] = workshop.services + (mail.map { [$0.service] } ?? []) + [parts.sweeper, server]
        return House(configuration: configuration, services: services)
    }
}

/// Why the house does not stand, for the operator: what, and how to mend it.
enum HouseError: Error, CustomStringConvertible {
    case dataFolder(path: String, reason: String)
    case alreadyServed(path: String)
    case storage(StorageError, path: String)
    case folder(key: String, path: String, reason: String)
    case mailSender(String)
    case mailTemplates(String)
    case mailServer(keys: String, reason: String)
    case mailSignature(String)
    case webhookKey
    case bounceAddress(String)
    case secret(String)
    case signing(Signing.Fault)

    var description: String {
        switch self {
        case .dataFolder(let path, let reason):
            "The data directory \(path) cannot be used: \(reason). Give Kiln's user the right to write there, or set data.directory."
        case .alreadyServed(let path):
            "Another Kiln is already serving from \(path). Stop it first, or give this one its own data.directory and uploads.directory."
        case .storage(.fromTheFuture(let version), let path):
            "The database in \(path) was written by a newer Kiln (schema \(version)). Start that version, or restore a backup."
        case .storage(let error, let path):
            "The storage in \(path) cannot be opened: \(error). Look at the disk and at the folder's rights."
        case .folder(let key, let path, let reason):
            "The folder \(path) cannot be used: \(reason). Set \(key) to the right folder, or start Kiln where it is."
        case .mailSender(let text):
            "mail.from is not a sender: '\(text)'. Write it as `Name <name@example.org>`."
        case .mailTemplates(let reason):
            "The mail templates cannot be used: \(reason)."
        case .mailServer(let keys, let reason):
            "\(keys) cannot be used: \(reason)."
        case .mailSignature(let reason):
            "mail.dkim cannot be used: \(reason)"
        case .webhookKey:
            "mail.sendgrid.webhook_key is no public key. Copy it from SendGrid's settings of the signed event webhook."
        case .bounceAddress(let text):
            "mail.bounce_address is no mail address: '\(text)'. Write the address alone: `bounces@example.org`."
        case .secret(let reason):
            "The secret file cannot be used: \(reason)."
        case .signing(let fault):
            "\(fault). Write the passphrase there, readable by Kiln's user, or set signing.passphrase."
        }
    }
}

import BuildRunner
import Domain
import Intake
import Logging
import Mailer
import Storage

/// Everything that the web half works with; made by the composition root.
struct WebDependencies: Sendable {
    var recipes: @Sendable () -> RecipeCatalog
    var builds: any BuildStore
    var outbox: any OutboxStore
    var desk: any OutboxDesk
    var addresses: any AddressStore
    var logs: any LogStore
    var objects: any ObjectStore
    var notices: any NoticeBoard
    var reports: any ReportStore
    var reportFiles: any ReportFiles
    var uploads: UploadStore
    var receiver: SubmissionReceiver
    /// Has recipes look through submissions; `nil`: they are not looked through.
    var check: SubmissionCheck?
    var signer: CapabilitySigner
    var clock: any WallClock
    var health: [HealthCheck]
    /// How the systems that build are; asked for pages, metrics and health checks.
    var providerStates: @Sendable () async -> [ProviderStatus] = { [] }
    /// How the mail's transports stand, the first one first; for metrics.
    var mailLines: @Sendable () -> [MailLineStatus] = { [] }
    /// The webhooks that are taken in, by provider.
    var webhooks: [String: InboundWebhook] = [:]
    /// Where it is heard what became of mails; `nil` where none go out.
    var mailReports: MailReportDoors?
    var pages: any PageRenderer
    var publicFiles: PublicFiles
    var faults: FaultPoints
    var logger: Logger
}

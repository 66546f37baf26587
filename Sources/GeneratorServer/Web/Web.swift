import Domain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Storage

/// What all routes share: the dependencies, and what is asked of a request everywhere.
struct Web: Sendable {
    let settings: WebSettings
    let dependencies: WebDependencies
    let siteMap: SiteMap
    let metrics = WebMetrics()
    let stopping = StopSign()
    let health: HealthBoard
    let startedAt: Timestamp
    let buildView: BuildView
    let status: StatusBoard

    init(settings: WebSettings, dependencies: WebDependencies) {
        self.settings = settings
        self.dependencies = dependencies
        self.siteMap = SiteMap(publicURL: settings.publicURL)
        self.health = HealthBoard(
            checks: dependencies.health, clock: dependencies.clock, age: settings.healthAge)
        self.startedAt = dependencies.clock.now()
        self.buildView = BuildView(dependencies: dependencies, siteMap: siteMap, workers: settings.workers)
        self.status = StatusBoard(dependencies: dependencies, workers: settings.workers)
    }

    var now: Timestamp { dependencies.clock.now() }

    /// A segment of the path, decoded; `nil` if it is not UTF-8.
    func parameter(_ name: String, _ context: WebContext) -> String? {
        context.parameters.get(name).flatMap { PercentCoding.decode($0) }
    }

    /// The build that the path names.
    func build(_ context: WebContext) async throws -> Build {
        guard let id = parameter("id", context).flatMap({ BuildID($0) }),
            let build = try await dependencies.builds.build(id)
        else { throw WebError.notFound(.build) }
        return build
    }

    /// The same, as it is shown.
    func snapshot(_ context: WebContext) async throws -> BuildSnapshot {
        guard let id = parameter("id", context).flatMap({ BuildID($0) }),
            let snapshot = try await buildView.snapshot(of: id)
        else { throw WebError.notFound(.build) }
        return snapshot
    }

    /// The recipe that the path names, if it is offered.
    func offeredRecipe(_ context: WebContext) throws -> Recipe {
        guard let id = parameter("id", context).flatMap({ RecipeID($0) }), let recipe = dependencies.recipes()[id],
            recipe.isOffered
        else { throw WebError.notFound(.recipe) }
        return recipe
    }

    /// Where a program reaches what this request reached: the public origin, or the one that it used itself.
    func origin(_ request: Request) -> String {
        guard let authority = request.head.authority?.lowercased(), authority != siteMap.authority,
            Self.isAuthority(authority)
        else { return siteMap.publicURL }
        return request.headers[.xForwardedFor] == nil ? "http://\(authority)" : siteMap.publicURL
    }

    private static func isAuthority(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 255
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"),
                    UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// The client's network address: the peer's, or what a trusted proxy says.
    func clientAddress(_ request: Request, _ context: WebContext) -> String {
        ClientAddress.of(
            peer: context.channel.remoteAddress?.ipAddress ?? "unknown",
            forwardedFor: request.headers[values: .xForwardedFor], isTrusted: settings.trustsProxy)
    }

    /// Whose submissions count together, see `ClientAddress.source`.
    func source(_ request: Request, _ context: WebContext) -> String {
        ClientAddress.source(of: clientAddress(request, context))
    }

    /// The language that a client prefers, of those that mails are written in.
    func language(_ request: Request) -> LanguageTag {
        settings.mail.languages.preferred(request.headers[.acceptLanguage])
    }

    func frame(_ request: Request, _ context: WebContext) -> PageFrame {
        PageFrame(
            homeURL: siteMap.home, statusURL: siteMap.status,
            latestBuildURL: BuildCookie.builds(of: request).first.map { siteMap.build($0) },
            assets: dependencies.publicFiles.index, requestID: context.requestID)
    }
}

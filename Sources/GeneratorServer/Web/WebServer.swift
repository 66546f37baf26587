import Domain
import Hummingbird
import HummingbirdCore
import Logging
import NIOConcurrencyHelpers
import NIOCore
import ServiceLifecycle

/// The web half as one service: listens, answers, and at the end lets answers finish.
struct WebServer: Service {
    private let web: Web
    private let port = PortPromise()

    init(settings: WebSettings, dependencies: WebDependencies) {
        web = Web(settings: settings, dependencies: dependencies)
    }

    /// The port that it listens on; waits until it does.
    func boundPort() async -> Int {
        await port.value()
    }

    func run() async throws {
        let limits = web.settings.connections
        let ledger = ConnectionLedger(
            mostEach: web.settings.maxConnectionsPerAddress, isExempt: web.settings.isExemptFromAddressLimit)
        let application = Application(
            responder: Self.router(web).buildResponder(),
            server: HTTPServerBuilder { responder in
                ConnectionChannel(responder: responder, limits: limits, ledger: ledger)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(web.settings.host, port: web.settings.port), backlog: 1024, reuseAddress: true,
                availableConnectionsDelegate: .maximum(web.settings.maxConnections, logger: web.dependencies.logger)),
            onServerRunning: { channel in
                let bound = channel.localAddress?.port ?? 0
                web.dependencies.logger.info(
                    "Kiln is serving",
                    metadata: ["address": "http://\(web.settings.host):\(bound)", "url": "\(web.settings.publicURL)"])
                port.set(bound)
            },
            logger: web.dependencies.logger)
        try await withGracefulShutdownHandler {
            try await application.run()
        } onGracefulShutdown: {
            web.stopping.set()
        }
    }

    /// Every route there is.
    static func router(_ web: Web) -> Router<WebContext> {
        var routes = RouteTable(web: web)
        FormRoutes(web: web).add(to: &routes)
        BuildRoutes(web: web).add(to: &routes)
        EventRoutes(web: web).add(to: &routes)
        LogRoutes(web: web).add(to: &routes)
        NowRoutes(web: web).add(to: &routes)
        ConfirmationRoutes(web: web).add(to: &routes)
        StopRoutes(web: web).add(to: &routes)
        ArtifactRoutes(web: web).add(to: &routes)
        JobRoutes(web: web).add(to: &routes)
        CallbackRoutes(web: web).add(to: &routes)
        WebhookRoutes(web: web).add(to: &routes)
        SendGridEventRoutes(web: web).add(to: &routes)
        BounceRoutes(web: web).add(to: &routes)
        StatusRoutes(web: web).add(to: &routes)
        HealthRoutes(web: web).add(to: &routes)
        PublicRoutes(web: web).add(to: &routes)
        APIRoutes(web: web).add(to: &routes)
        GeneratorRoutes(web: web).add(to: &routes)
        return routes.completed()
    }
}

/// A port number that is known later.
private final class PortPromise: Sendable {
    private enum State {
        case waiting([CheckedContinuation<Int, Never>])
        case known(Int)
    }

    private let state = NIOLockedValueBox(State.waiting([]))

    func set(_ port: Int) {
        let waiting = state.withLockedValue { state -> [CheckedContinuation<Int, Never>] in
            guard case .waiting(let continuations) = state else { return [] }
            state = .known(port)
            return continuations
        }
        for continuation in waiting { continuation.resume(returning: port) }
    }

    func value() async -> Int {
        await withCheckedContinuation { continuation in
            let port = state.withLockedValue { state -> Int? in
                switch state {
                case .known(let port): return port
                case .waiting(let continuations):
                    state = .waiting(continuations + [continuation])
                    return nil
                }
            }
            if let port { continuation.resume(returning: port) }
        }
    }
}

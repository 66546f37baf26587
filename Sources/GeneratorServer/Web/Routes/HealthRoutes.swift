import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// For operators and their tools.
struct HealthRoutes {
    let web: Web
    private let host = ProcessInfo.processInfo.hostName

    init(web: Web) {
        self.web = web
    }

    func add(to routes: inout RouteTable) {
        routes.get("/health-check") { _, _ in await healthCheck() }
        routes.get("/livez") { _, _ in .text("alive\n", headers: [.cacheControl: "no-store"]) }
        routes.get("/readyz") { _, _ in
            web.stopping.isSet
                ? .text("stopping\n", status: .serviceUnavailable, headers: [.cacheControl: "no-store"])
                : .text("ready\n", headers: [.cacheControl: "no-store"])
        }
        routes.get("/metrics") { _, _ in
            .answer(
                ByteBuffer(string: try await MetricsText.render(web)), type: "text/plain; version=0.0.4; charset=utf-8",
                headers: [.cacheControl: "no-store"])
        }
    }

    private func healthCheck() async -> Response {
        let results = await web.health.current()
        let isWell = results.allSatisfy(\.verdict.passed)
        let json: JSON = [
            "status": isWell ? "success" : "failure", "timestamp": .string(web.now.description),
            "hostname": .string(host),
            "results": .array(
                results.map { result in
                    [
                        "checker": .string(result.checker), "output": .string(result.verdict.output),
                        "passed": .bool(result.verdict.passed), "timestamp": .string(result.at.description),
                        "expires": .string(result.expiresAt.description),
                    ]
                }),
        ]
        return .json(json, status: isWell ? .ok : .serviceUnavailable, headers: [.cacheControl: "no-store"])
    }
}

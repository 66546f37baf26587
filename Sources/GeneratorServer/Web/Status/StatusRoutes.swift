import Domain
import HTTPTypes
import Hummingbird

/// `GET /status`: whether it is worth waiting. No addresses, nothing of anybody's builds.
struct StatusRoutes {
    let web: Web

    func add(to routes: inout RouteTable) {
        routes.get("/status") { request, context in
            let lines = try await web.status.lines()
            let headers: HTTPFields = [.vary: "Accept", .cacheControl: "no-cache"]
            if Preference(request).wantsJSON { return .json(json(lines), headers: headers) }
            let page = StatusPage(frame: web.frame(request, context), at: web.now, lines: lines)
            return .html(try web.dependencies.pages.status(page), headers: headers)
        }
    }

    private func json(_ lines: [StatusBoard.Line]) -> JSON {
        [
            "timestamp": .string(web.now.description),
            "providers": .array(
                lines.map { line in
                    [
                        "name": .string(line.provider), "up": .bool(line.isUp),
                        "since": .optional(line.since?.description), "waiting": .integer(Int64(line.waiting)),
                        "under_way": .integer(Int64(line.underWay)),
                        "expected_wait_seconds": .optional(
                            line.expectedWait.map { Int(($0.wholeMilliseconds + 999) / 1000) }),
                    ]
                }),
        ]
    }
}

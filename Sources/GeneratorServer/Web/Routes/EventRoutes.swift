import Domain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import ServiceLifecycle
import Storage

/// `GET /builds/{id}/events`: a build's story as server-sent events.
struct EventRoutes {
    let web: Web

    func add(to routes: inout RouteTable) {
        for path in ["/builds/{id}/events", "/api/v1/builds/{id}/events"] {
            routes.get(path) { request, context in try await events(request, context) }
        }
    }

    private func events(_ request: Request, _ context: WebContext) async throws -> Response {
        let snapshot = try await web.snapshot(context)
        let build = snapshot.build
        let cursor = Self.cursor(request)
        let keepsColors = LogRoutes.wantsColors(request)
        if try await isTold(snapshot, cursor) {
            // What `EventSource` takes as "do not come back".
            return Response(status: .noContent)
        }
        let web = web
        let channel = context.channel
        let body = ResponseBody { writer in
            var events = BuildEvents(web: web, build: build.id, after: cursor, keepsColors: keepsColors) {
                web.json($0, request)
            }
            try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
            web.metrics.streamOpened()
            defer { web.metrics.streamClosed() }
            try await Self.follow(&events, request, channel, web, &writer)
            try await writer.finish(nil)
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream", .cacheControl: "no-store",
                // A buffering proxy would keep events to itself.
                .xAccelBuffering: "no",
            ], body: body)
    }

    /// Writes news at every hint and every heartbeat, until the story is told, the client has gone, or we stop.
    private static func follow(
        _ events: inout BuildEvents, _ request: Request, _ channel: any Channel, _ web: Web,
        _ writer: inout any ResponseBodyWriter
    ) async throws {
        // At most one pending wake-up: a slow client gets the newest state, not every one.
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let heartbeat = channel.eventLoop.scheduleRepeatedTask(
            initialDelay: TimeAmount(web.settings.heartbeat), delay: TimeAmount(web.settings.heartbeat)
        ) { _ in wake.yield() }
        defer { heartbeat.cancel() }
        let notices = web.dependencies.notices.subscribe(to: .build(events.build))
        try await request.body.consumeWithInboundCloseHandler { _ in
            try await withGracefulShutdownHandler {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for await _ in notices { wake.yield() }
                    }
                    var lastWrite = NIODeadline.now()
                    wake.yield()
                    for await _ in wakes {
                        let before = events.cursor
                        if try await events.writeNews(to: &writer) { break }
                        if events.cursor != before {
                            lastWrite = .now()
                        } else if NIODeadline.now() - lastWrite >= TimeAmount(web.settings.heartbeat) {
                            try await writer.write(ServerSentEvent.heartbeat)
                            lastWrite = .now()
                        }
                    }
                    group.cancelAll()
                }
            } onGracefulShutdown: {
                wake.finish()
            }
        } onInboundClosed: {
            wake.finish()
        }
    }

    /// What the client has seen: from its own memory, or from the page that it was given.
    private static func cursor(_ request: Request) -> EventCursor {
        if let seen = request.headers[.lastEventID].flatMap({ EventCursor($0) }) { return seen }
        let after = PercentCoding.query(request.uri.query).first { $0.name == "after" }
        return after.flatMap { EventCursor($0.value) } ?? .start
    }

    /// Whether there is nothing left to tell, now or later.
    private func isTold(_ snapshot: BuildSnapshot, _ cursor: EventCursor) async throws -> Bool {
        guard snapshot.hasEnded, cursor.sequence == snapshot.sequence else { return false }
        let build = snapshot.build
        let size = build.filesRemovedAt == nil ? try await web.dependencies.logs.size(of: build.id) : 0
        return cursor.logOffset >= size
    }
}

extension TimeAmount {
    init(_ span: Duration) {
        self = .milliseconds(span.wholeMilliseconds)
    }
}

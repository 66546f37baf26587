import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// `POST /builds/{id}/callback`: a run tells how it is doing. The facts are only written down here; what follows from
/// them is the workers' to say, as with everything that a provider tells.
struct CallbackRoutes {
    let web: Web
    let rate = CallbackRate()

    /// Bytes of one attempt's log that are taken at all; how much of it is kept is the recipe's to say.
    static let longestLog: Int64 = 256 << 20

    func add(to routes: inout RouteTable) {
        let files = CallbackFileRoutes(web: web, rate: rate)
        routes.post("/builds/{id}/callback") { request, context in try await report(request, context) }
        routes.put("/builds/{id}/callback/files/{name}") { request, context in try await files.put(request, context) }
        routes.head("/builds/{id}/callback/files/{name}") { request, context in try await files.head(request, context) }
    }

    private func report(_ request: Request, _ context: WebContext) async throws -> Response {
        let holder = try await CallbackHolder(request, context, web, rate: rate)
        let body = try await web.body(of: request, upTo: CallbackReport.largestBody, context) {
            .callback(.bodyTooLarge(limit: CallbackReport.largestBody))
        }
        let report: CallbackReport
        do {
            report = try CallbackReport(json: body)
        } catch let error as CallbackFaults {
            return Self.answer(error, context)
        }
        do {
            try await take(report, holder)
        } catch {
            _ = try await holder.removeIfOver(web)
            throw error
        }
        if report.log != nil, try await holder.removeIfOver(web) { throw WebError.notFound(.build) }
        return try await answer(holder)
    }

    private func take(_ report: CallbackReport, _ holder: CallbackHolder) async throws {
        let (attempt, id) = (holder.attempt, holder.build.id)
        // The lines first: a run that tells its end has told its log.
        if let lines = report.log {
            guard lines.offset + Int64(lines.bytes.count) <= Self.longestLog else {
                throw WebError.callback(.logTooLong(limit: Self.longestLog))
            }
            do {
                _ = try await web.dependencies.reportFiles.appendLog(lines.bytes, at: lines.offset, of: attempt)
            } catch .gap(let size) {
                throw WebError.callback(.gap(size: size))
            }
        }
        if report.hasNews {
            do {
                _ = try await web.dependencies.reports.record(
                    try await merged(report, holder), of: attempt, build: id, at: web.now)
            } catch StorageError.notCurrent {
                throw WebError.notFound(.build)
            }
            try await web.dependencies.builds.nudge(id, at: web.now)
        } else if report.log != nil {
            web.dependencies.notices.post(.build(id))
        }
    }

    /// A percentage without words belongs to what was said last.
    private func merged(_ report: CallbackReport, _ holder: CallbackHolder) async throws -> RunReport {
        var label = report.phase
        if label == nil, report.percent != nil {
            let said = try await web.dependencies.reports.report(of: holder.attempt)?.phase?.label
            label = said ?? BuildView.label(holder.build.state) ?? "Building"
        }
        return RunReport(
            phase: label.map { Phase(label: $0, percent: report.percent) }, result: report.result, runID: report.runID,
            runURL: report.runURL, reportedAt: web.now)
    }

    /// What has arrived so far, so that a run that was cut off knows where to go on.
    private func answer(_ holder: CallbackHolder) async throws -> Response {
        let files = try await web.dependencies.reportFiles.files(of: holder.attempt)
        return .json(
            [
                "state": .string(holder.build.state.name.rawValue),
                "log_offset": .integer(try await web.dependencies.reportFiles.logSize(of: holder.attempt)),
                "files": .array(
                    files.map { ["name": .string($0.name), "bytes": .integer($0.bytes), "complete": true] }),
            ], headers: [.cacheControl: "no-store"])
    }

    private static func answer(_ error: CallbackFaults, _ context: WebContext) -> Response {
        let count = error.faults.count
        let words = ErrorWords(
            422, "invalid_fields", "The report has faults",
            count == 1 ? "One member is wrong." : "\(count) members are wrong.",
            mend: "Mend what the list of errors names; nothing of the report was taken.")
        return .answer(
            ByteBuffer(bytes: words.problem(requestID: context.requestID, faults: error.faults).bytes),
            type: "application/problem+json", status: .init(code: words.status), headers: words.headers)
    }
}

extension Web {
    /// A small body as a whole; `tooLarge` says what is wrong with a larger one, before it is read where its length is
    /// known.
    func body(
        of request: Request, upTo limit: Int, _ context: WebContext, tooLarge: () -> WebError
    ) async throws -> [UInt8] {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge() }
        context.wantBody()
        var bytes: [UInt8] = []
        for try await chunk in request.body {
            guard bytes.count + chunk.readableBytes <= limit else { throw tooLarge() }
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        return bytes
    }
}

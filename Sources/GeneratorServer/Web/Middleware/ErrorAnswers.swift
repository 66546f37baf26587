import HTTPTypes
import Hummingbird
import HummingbirdCore
import Intake
import Logging
import NIOHTTP1
import Storage

/// Turns every error into an answer. What nobody expected becomes a 500 with an id and one line in the log; no word of
/// it reaches the visitor (P7).
struct ErrorAnswers: RouterMiddleware {
    let web: Web

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let failure = Self.webError(for: error)
            if let failure, failure != .incident {
                if failure.words.status >= 500 {
                    context.logger.warning(
                        "request refused", metadata: ["code": "\(failure.words.code)", "cause": "\(error)"])
                }
            } else {
                context.logger.error(
                    "request failed",
                    metadata: [
                        "error": "\(error)", "method": "\(request.method)",
                        "route": "\(context.endpointPath ?? "-")",
                    ])
            }
            let known = failure ?? .incident
            var response = web.answer(known.words, faults: known.faults, request, context)
            switch known {
            case .methodNotAllowed(let allowed): response.headers[.allow] = allowed
            case .rangeNotSatisfiable(let size): response.headers[.contentRange] = "bytes */\(size)"
            case .callback(.gap(let size)): response.headers[.uploadOffset] = "\(size)"
            default: break
            }
            return response
        }
    }

    /// `nil`: nobody expected it.
    static func webError(for error: any Error) -> WebError? {
        switch error {
        case let error as WebError: error
        case let error as HTTPError where error.status == .notFound: .notFound(.page)
        case is HTTPParserError: .malformed(.cutShort)
        case let error as IntakeError: webError(for: error)
        case let error as StorageError: webError(for: error)
        default: nil
        }
    }

    private static func webError(for error: StorageError) -> WebError? {
        switch error {
        case .unknownBuild: .notFound(.build)
        case .unavailable(.diskFull): .diskFull
        case .unavailable: .unavailable
        case .leaseLost, .illegalTransition, .corrupt, .fromTheFuture, .missingObject, .notCurrent, .gap, .tooLarge,
            .wrongDigest, .unusableName:
            nil
        }
    }

    private static func webError(for error: IntakeError) -> WebError? {
        switch error {
        case .malformed(let reason): .malformed(reason.words)
        case .bodyTooLarge(let limit): .tooLarge(maximum: limit)
        case .tooManyParts(let limit), .fieldTooLarge(let limit): .formTooLarge(limit: limit)
        case .headersTooLarge: .malformed(.multipart("The head of a part is too long."))
        case .diskFull: .diskFull
        case .guardUnavailable: .checksUnavailable
        case .guardBusy: .checksBusy
        case .missingUpload: .notFound(.upload)
        case .storage: nil
        }
    }
}

import Domain

/// An error in words and numbers, for a page and for a problem alike.
struct ErrorWords: Hashable, Sendable {
    var status: Int
    /// Stable, for programs.
    var code: String
    var title: String
    var what: String
    var mend: String?
    var retryAfter: Duration?

    init(
        _ status: Int, _ code: String, _ title: String, _ what: String, mend: String? = nil, retryAfter: Duration? = nil
    ) {
        self.status = status
        self.code = code
        self.title = title
        self.what = what
        self.mend = mend
        self.retryAfter = retryAfter
    }
}

extension ErrorWords {
    /// Of a form with so many faults.
    static func faulty(_ count: Int) -> ErrorWords {
        ErrorWords(
            422, "invalid_fields", "The form has faults",
            count == 1 ? "One field is wrong." : "\(count) things are wrong.",
            mend: "Mend what the list of errors names, and send it all again.")
    }
}

extension WebError {
    /// The faults that a problem lists beside its words.
    var faults: [FaultMessage] {
        if case .checkFailed(let faults) = self { faults } else { [] }
    }

    var words: ErrorWords {
        switch self {
        case .notFound(let thing): Self.words(notFound: thing)
        case .noLatestBuild:
            ErrorWords(
                404, "no_build", "No build yet", "This browser has not started a build that is still known.",
                mend: "Start one, or ask for a build by its id: /now?build=ID.")
        case .expired(let thing):
            ErrorWords(
                410, "expired", "Gone",
                "The \(thing.rawValue) was kept for the time that its recipe says, and is removed.",
                mend: "Build it again from the build's page or from the form.")
        case .malformed, .unsupportedBody, .tooLarge, .formTooLarge: bodyWords
        case .methodNotAllowed, .methodUnknown, .rangeNotSatisfiable, .expectationFailed, .crossSite,
            .idempotencyKeyInvalid, .idempotencyKeyReused:
            protocolWords
        case .addressRefused, .tooManyConfirmations, .nothingToConfirm, .tooLateToConfirm: mailWords
        case .queueFull, .tooManyFromSource, .tooManyForAddress, .stopping, .unavailable, .diskFull,
            .checksUnavailable, .checksBusy:
            capacityWords
        case .checkFailed(let faults): ErrorWords.faulty(faults.count)
        case .stillUnderWay:
            ErrorWords(
                409, "still_under_way", "Still under way", "A build can be repeated when it has ended.",
                mend: "Wait for its end, or cancel it first.")
        case .recipeChanged(let recipe):
            ErrorWords(
                409, "recipe_changed", "The form has changed",
                "The recipe is not the one that this build was made with, so it cannot simply be repeated.",
                mend: "Fill in the form again at /recipes/\(recipe).")
        case .buildsNotListed:
            ErrorWords(
                404, "builds_not_listed", "Builds are not listed",
                "A build is known only to who started it, so there is no list of all of them.",
                mend: "Ask for builds by id: /api/v1/builds?ids=ID,ID.")
        case .callback(let refusal): refusal.words
        case .webhookNotSigned:
            ErrorWords(401, "not_signed", "Not signed", "The request is not signed as it has to be.")
        case .mailReportNotGenuine, .bounceNotMessage, .bounceNotOurs: mailReportWords
        case .webhooksBusy:
            ErrorWords(
                503, "webhooks_busy", "Too many at once", "As much is being read that other services tell as can be.",
                mend: "Send it again in a minute.", retryAfter: .seconds(60))
        case .incident:
            ErrorWords(
                500, "internal_error", "That is our fault", "Something in the service went wrong while it answered.",
                mend: "Try again in a moment; if it happens again, tell the operator the id below.")
        }
    }

    private static func words(notFound thing: Thing) -> ErrorWords {
        switch thing {
        case .page:
            ErrorWords(
                404, "not_found", "Page not found", "There is nothing at this address.",
                mend: "Start at the first page.")
        case .recipe:
            ErrorWords(
                404, "unknown_recipe", "Recipe not found", "There is no such recipe, or it is no longer offered.",
                mend: "The first page lists what can be built.")
        case .build:
            ErrorWords(
                404, "unknown_build", "Build not found", "There is no build with this id.",
                mend: "Check the link: the id has 26 characters, and all of them count.")
        case .artifact:
            ErrorWords(
                404, "unknown_artifact", "File not found", "The build has no such file.",
                mend: "The build's page lists its files.")
        case .app:
            ErrorWords(
                404, "no_app", "No app here",
                "There is no app to download: it is not made yet, or it could not be made.",
                mend: "Ask for its status.")
        case .upload:
            ErrorWords(404, "unknown_upload", "File not found", "This link leads to no file, or it has run out.")
        case .log:
            ErrorWords(404, "unknown_log", "Log not found", "The build has no log.")
        case .link:
            ErrorWords(
                404, "unknown_link", "This link does not work",
                "It leads to nothing here: perhaps a part of it was lost on the way from the mail.",
                mend: "Open it from the mail again, or copy all of it.")
        }
    }

    private var bodyWords: ErrorWords {
        switch self {
        case .malformed(.multipart(let reason)):
            ErrorWords(
                400, "malformed_form", "The form arrived damaged", reason,
                mend: "Send it again, as multipart/form-data (RFC 7578).")
        case .malformed(.json(let reason)):
            ErrorWords(
                400, "malformed_json", "The JSON arrived damaged", reason,
                mend: "Send one JSON object with the fields as its members.")
        case .malformed(.cutShort):
            ErrorWords(
                400, "body_cut_short", "The form arrived damaged", "The request ended before its body was complete.",
                mend: "Send it again.")
        case .unsupportedBody(let found):
            ErrorWords(
                415, "unsupported_body", "Not in this form",
                found.map { "A body of the type \($0) is not taken here." } ?? "The body's type is not said.",
                mend: "Send multipart/form-data (files can only be sent so), or application/json.")
        case .tooLarge(let maximum):
            ErrorWords(
                413, "too_large", "Too large",
                "The form with all its files may have \(maximum.sizeText); this one has more.",
                mend: "Send smaller files.")
        case .formTooLarge(let limit):
            ErrorWords(
                413, "form_too_large", "Too large", "The form holds more than the \(limit) that are taken.",
                mend: "Send less.")
        default: WebError.incident.words
        }
    }

    private var protocolWords: ErrorWords {
        switch self {
        case .methodNotAllowed(let allowed):
            ErrorWords(
                405, "method_not_allowed", "Not that way", "This address takes only \(allowed).",
                mend: "Open it from the page that links to it.")
        case .methodUnknown:
            ErrorWords(501, "method_unknown", "Unknown method", "The request's method is none that is known here.")
        case .rangeNotSatisfiable(let size):
            ErrorWords(
                416, "range_not_satisfiable", "No such range", "The file has \(size) bytes; the range lies outside.",
                mend: "Ask for a range inside it, or for all of it.")
        case .expectationFailed:
            ErrorWords(
                417, "expectation_failed", "Expectation failed", "The only expectation that is met is 100-continue.")
        case .crossSite:
            ErrorWords(
                403, "cross_site", "Sent from another site",
                "A browser sent this form from a page of another site, so it was not taken.",
                mend: "Open the form here and send it from there.")
        case .idempotencyKeyInvalid:
            ErrorWords(
                400, "idempotency_key_invalid", "Bad Idempotency-Key",
                "The key must have 1 to 200 printable ASCII characters.", mend: "A UUID is a good key.")
        case .idempotencyKeyReused:
            ErrorWords(
                422, "idempotency_key_reused", "Idempotency-Key used before",
                "The same key came before with another request.", mend: "Use a new key for every new request.")
        default: WebError.incident.words
        }
    }

    private var mailWords: ErrorWords {
        switch self {
        case .addressRefused(let refusal):
            ErrorWords(422, refusal.code, "Not with this address", refusal.what, mend: refusal.mend)
        case .tooManyConfirmations(let wait?):
            ErrorWords(
                429, "confirmation_just_sent", "Just a moment", "The mail was sent only a moment ago.",
                mend: "Look for it, also where unwanted mail goes; in \(Quantity.span(wait)) it can be sent again.",
                retryAfter: wait)
        case .tooManyConfirmations(nil):
            ErrorWords(
                429, "confirmation_sent_often", "Sent often enough", "The mail was sent as often as it may be.",
                mend: "Look where unwanted mail goes, and whether the address is right; else start again with another.")
        case .nothingToConfirm:
            ErrorWords(
                409, "nothing_to_confirm", "Nothing to confirm", "This build waits for nobody's confirmation.",
                mend: "Its page shows how it is.")
        case .tooLateToConfirm:
            ErrorWords(
                410, "too_late_to_confirm", "Too late", "This build was given up before it was confirmed.",
                mend: "Start it again; a new mail comes.")
        default: WebError.incident.words
        }
    }

    private var capacityWords: ErrorWords {
        switch self {
        case .queueFull:
            ErrorWords(
                503, "queue_full", "The queue is full", "As many builds are waiting as can wait.",
                mend: "Try again in a few minutes.", retryAfter: .seconds(60))
        case .tooManyFromSource(let wait):
            ErrorWords(
                429, "too_many_from_source", "Too many builds",
                "As many builds were asked for from your network address as may be in an hour.",
                mend: "Try again in \(Quantity.span(wait)).", retryAfter: wait)
        case .tooManyForAddress(let wait):
            ErrorWords(
                429, "too_many_for_address", "Too many builds",
                "As many builds were asked for with this mail address as may be in an hour.",
                mend: "Try again in \(Quantity.span(wait)).", retryAfter: wait)
        case .stopping:
            ErrorWords(
                503, "stopping", "Just a moment", "The service is being restarted.",
                mend: "Try again in half a minute.", retryAfter: .seconds(30))
        case .unavailable:
            ErrorWords(
                503, "unavailable", "Just a moment", "The service cannot reach its own records now.",
                mend: "Try again in a few seconds.", retryAfter: .seconds(5))
        case .diskFull:
            ErrorWords(
                507, "disk_full", "No room left", "The disk of the service is full, so the files could not be kept.",
                mend: "Nothing was started. Try again later; the operator can see this at /health-check.",
                retryAfter: .seconds(600))
        case .checksBusy:
            ErrorWords(
                503, "checks_busy", "Too many files at once", "As much is waiting to be checked as can wait.",
                mend: "Nothing was started. Try again in a minute.", retryAfter: .seconds(60))
        case .checksUnavailable:
            ErrorWords(
                503, "checks_unavailable", "It cannot be checked now",
                "What checks forms and files does not run, so none can be taken.",
                mend: "Nothing was started. Try again later; the operator can see this at /health-check.",
                retryAfter: .seconds(60))
        default: WebError.incident.words
        }
    }

    private var mailReportWords: ErrorWords {
        switch self {
        case .mailReportNotGenuine:
            ErrorWords(
                403, "not_genuine", "Not genuine",
                "What tells of a mail has to prove where it comes from; this does not, or its proof is too old.",
                mend: "A mail server sends `Authorization: Bearer` with mail.bounce_token; SendGrid's key is "
                    + "mail.sendgrid.webhook_key.")
        case .bounceNotMessage(let found):
            ErrorWords(
                415, "unsupported_body", "Not in this form",
                found.map { "A body of the type \($0) is not taken here." } ?? "The body's type is not said.",
                mend: "Send the message as it came, as message/rfc822.")
        case .bounceNotOurs:
            ErrorWords(
                422, "not_ours", "Not one of our addresses",
                "The message was not sent to a bounce address that this service made.",
                mend: "Hand on only what comes to mail.bounce_address, with its Delivered-To or ?recipient=.")
        default: WebError.incident.words
        }
    }
}

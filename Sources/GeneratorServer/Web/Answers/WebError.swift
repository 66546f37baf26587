import Domain

/// Why a request does not get what it asked for. Thrown by routes; `ErrorAnswers` makes a page or a problem of it.
enum WebError: Error, Hashable, Sendable {
    enum Thing: String, Hashable, Sendable {
        case page, recipe, build, artifact, app, upload, log, link
    }

    enum BodyFault: Hashable, Sendable {
        /// The parser's own words.
        case multipart(String)
        case json(String)
        case cutShort
    }

    case notFound(Thing)
    /// No build is known to this browser.
    case noLatestBuild
    /// Its artifacts and log were removed.
    case expired(Thing)
    case methodNotAllowed(allowed: String)
    case methodUnknown
    case malformed(BodyFault)
    /// A body of a kind that the route does not take.
    case unsupportedBody(found: String?)
    case tooLarge(maximum: Int64)
    /// Something of a form was larger than it may be.
    case formTooLarge(limit: Int)
    case rangeNotSatisfiable(size: Int64)
    case expectationFailed
    case crossSite
    case idempotencyKeyInvalid
    case idempotencyKeyReused
    case queueFull
    case tooManyFromSource(retryAfter: Duration)
    case tooManyForAddress(retryAfter: Duration)
    /// No build is taken for its mail address.
    case addressRefused(AddressRefusal)
    /// The mail that asks to confirm a build was sent too lately, or too often.
    case tooManyConfirmations(retryAfter: Duration?)
    /// The build waits for nobody's confirmation.
    case nothingToConfirm
    /// Nobody confirmed it in time.
    case tooLateToConfirm
    case stopping
    /// The database or the disk cannot answer now.
    case unavailable
    case diskFull
    /// The recipe's check found faults, at fields of the form or (with an empty name) in all of it.
    case checkFailed([FaultMessage])
    /// What checks files cannot run.
    case checksUnavailable
    /// Too many files wait to be checked.
    case checksBusy
    case stillUnderWay
    /// The form of this build is not the one that the recipe has now.
    case recipeChanged(RecipeID)
    case buildsNotListed
    /// A run's report or file is not taken.
    case callback(CallbackRefusal)
    /// A webhook is not signed with any secret that is known for it.
    case webhookNotSigned
    /// What is told of a mail is not signed, signed too long ago, or told by who does not know the token.
    case mailReportNotGenuine
    /// What should be a bounce is no message.
    case bounceNotMessage(found: String?)
    /// A message that was not sent to a bounce address made here.
    case bounceNotOurs
    /// Too much at once of what other services tell by themselves.
    case webhooksBusy
    /// A bug or a fault of the machine; the log has it under the request's id.
    case incident
}

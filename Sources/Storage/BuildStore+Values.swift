package import Domain

/// An accepted submission, ready to be written.
package struct NewBuild: Hashable, Sendable {
    package var id: BuildID
    package var recipe: RecipeID
    package var recipeDigest: String
    package var provider: String
    package var inputs: Inputs
    package var address: String?
    package var priority: Int
    /// Artifacts, log and uploads are kept for this long after the end.
    package var retention: Duration
    /// Who sent it (the client's network address), for limits; kept no longer than they need it.
    package var source: String
    /// The submitter's own key: a second submission with the same key from the same source is the same build, however
    /// much later it comes.
    package var idempotencyKey: String?
    /// Which of the matrix's targets it makes; `nil` without a matrix.
    package var target: String?
    /// The digest over all that decides the result (the recipe's version, the fields, the uploads' digests): builds
    /// with the same key may be answered by one result. `nil`: it is built afresh and waits for nobody.
    package var reuseKey: String?
    /// How old a result may be; `nil`: only a build that has not ended is joined.
    package var reuseWithin: Duration?
    /// The language that the requester reads.
    package var language: LanguageTag
    /// How long the address' owner has to confirm the build, if the address is not confirmed already; `nil`: nobody is
    /// asked.
    package var confirmWithin: Duration?
    /// Whether something is to be fetched for it before it takes a place of its provider.
    package var isToGather: Bool

    package init(
        id: BuildID, recipe: RecipeID, recipeDigest: String, provider: String, inputs: Inputs, address: String?,
        priority: Int, retention: Duration, source: String, idempotencyKey: String?,
        target: String? = nil, reuseKey: String? = nil, reuseWithin: Duration? = nil,
        language: LanguageTag = .english, confirmWithin: Duration? = nil, isToGather: Bool = false
    ) {
        self.id = id
        self.recipe = recipe
        self.recipeDigest = recipeDigest
        self.provider = provider
        self.inputs = inputs
        self.address = address
        self.priority = priority
        self.retention = retention
        self.source = source
        self.idempotencyKey = idempotencyKey
        self.target = target
        self.reuseKey = reuseKey
        self.reuseWithin = reuseWithin
        self.language = language
        self.confirmWithin = confirmWithin
        self.isToGather = isToGather
    }
}

/// `nil`: no limit.
package struct AcceptLimits: Hashable, Sendable {
    /// Builds in `queued` at once.
    package var waiting: Int?
    package var perSourcePerHour: Int?
    package var perAddressPerHour: Int?
    /// Mails that ask to confirm an address, to one address an hour.
    package var confirmationsPerAddressPerHour: Int?
    /// The same, caused by one source.
    package var confirmationsPerSourcePerHour: Int?

    package init(
        waiting: Int?, perSourcePerHour: Int?, perAddressPerHour: Int?, confirmationsPerAddressPerHour: Int? = nil,
        confirmationsPerSourcePerHour: Int? = nil
    ) {
        self.waiting = waiting
        self.perSourcePerHour = perSourcePerHour
        self.perAddressPerHour = perAddressPerHour
        self.confirmationsPerAddressPerHour = confirmationsPerAddressPerHour
        self.confirmationsPerSourcePerHour = confirmationsPerSourcePerHour
    }
}

/// What became of a submission; the build is its first one.
package enum Acceptance: Hashable, Sendable {
    case accepted(Build)
    /// The idempotency key was used before: the build that it made. The new uploads belong to nobody.
    case existing(Build)
    /// Too many wait already.
    case queueFull(waiting: Int)
    /// Try again after this time.
    case tooManyFromSource(retryAfter: Duration)
    case tooManyForAddress(retryAfter: Duration)
    /// Nothing is sent to the address.
    case suppressed(Suppression)
    /// The address' owner said that nothing was asked for from this source.
    case blocked
}

/// Free places for new runs.
package struct StartSlots: Hashable, Sendable {
    /// Builds under way at once, by provider; a provider that is absent gets none.
    package var perProvider: [String: Int]
    /// Builds under way at once of one recipe; a recipe that is absent has no bound of its own.
    package var perRecipe: [RecipeID: Int]
    /// Attempts begun within any 60 seconds, by provider; a provider that is absent has no such bound.
    package var triggersPerMinute: [String: Int]
    /// Attempts begun within any 60 seconds, by recipe; a recipe that is absent has no such bound.
    package var recipeTriggersPerMinute: [RecipeID: Int]
    /// Builds for which things are fetched at once; they take no other place meanwhile.
    package var gathering: Int
    /// The same, of one source.
    package var gatheringPerSource: Int

    package init(
        perProvider: [String: Int], perRecipe: [RecipeID: Int], triggersPerMinute: [String: Int] = [:],
        recipeTriggersPerMinute: [RecipeID: Int] = [:], gathering: Int = 16, gatheringPerSource: Int = 4
    ) {
        self.perProvider = perProvider
        self.perRecipe = perRecipe
        self.triggersPerMinute = triggersPerMinute
        self.recipeTriggersPerMinute = recipeTriggersPerMinute
        self.gathering = gathering
        self.gatheringPerSource = gatheringPerSource
    }
}

package struct ClaimedBuild: Hashable, Sendable {
    package var build: Build
    package var lease: LeaseToken

    package init(build: Build, lease: LeaseToken) {
        self.build = build
        self.lease = lease
    }
}

/// What becomes of a worker's claim.
package enum LeaseUse: Hashable, Sendable {
    /// Given back; the next worker may look at the build at `nextActionAt`, or at once if it was nudged meanwhile. Ignored
    /// for a build that has ended; a build that went back to the queue is due at `nextActionAt` or after the pause for its
    /// lost attempts, whichever is later.
    case release(LeaseToken, nextActionAt: Timestamp)
    /// Kept until `until`; given back all the same if the build has ended or went back to the queue.
    case keep(LeaseToken, until: Timestamp)

    package var token: LeaseToken {
        switch self {
        case .release(let token, _), .keep(let token, _): token
        }
    }
}

/// What an event did.
package struct Transition: Hashable, Sendable {
    /// The build afterwards.
    package var build: Build
    package var effects: [Effect]
    /// Whether the state changed; a replayed or late fact changes nothing.
    package var changed: Bool

    package init(build: Build, effects: [Effect], changed: Bool) {
        self.build = build
        self.effects = effects
        self.changed = changed
    }
}

/// An attempt whose run is to be ended at its provider and whose files there are to be removed.
package struct CleanUp: Hashable, Sendable {
    package var build: BuildID
    package var provider: String
    package var attempt: Attempt
    /// `nil` if the provider's answer was never known: ask for it with the attempt's key.
    package var run: Run?
    /// Tries so far.
    package var failures: Int
    package var lease: LeaseToken

    package init(build: BuildID, provider: String, attempt: Attempt, run: Run?, failures: Int, lease: LeaseToken) {
        self.build = build
        self.provider = provider
        self.attempt = attempt
        self.run = run
        self.failures = failures
        self.lease = lease
    }
}

package struct QueuePlace: Hashable, Sendable {
    /// Waiting builds that are claimed before it.
    package var waitingBefore: Int
    /// Builds under way at the same provider.
    package var underWay: Int

    package init(waitingBefore: Int, underWay: Int) {
        self.waitingBefore = waitingBefore
        self.underWay = underWay
    }
}

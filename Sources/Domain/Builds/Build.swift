/// One accepted submission of one recipe, as it stands now.
package struct Build: Hashable, Sendable {
    package var id: BuildID
    package var recipe: RecipeID
    /// The version of the recipe that it was accepted under (`Recipe.digest`).
    package var recipeDigest: String
    package var provider: String
    package var state: BuildState
    package var inputs: Inputs
    package var artifacts: [Artifact]
    /// The runs that were started, oldest first; more than one only after an infrastructure fault.
    package var runs: [Run]
    /// Where its end is mailed to; `nil` if the recipe asks for no address.
    package var address: String?
    package var priority: Int
    package var createdAt: Timestamp
    /// When its first attempt was claimed.
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    /// When artifacts, log and uploads are removed; known once it has ended.
    package var expiresAt: Timestamp?
    /// When artifacts, log and uploads were removed.
    package var filesRemovedAt: Timestamp?
    /// The number of its newest timeline entry.
    package var sequence: Int64
    /// The first build of its submission, where that made several (a matrix); the first one names itself. `nil`: it is
    /// the only one.
    package var group: BuildID?
    /// Which of the matrix's targets it makes; `nil` without a matrix.
    package var target: String?
    /// The build of the same request whose result it waits for; only while it is `queued`.
    package var follows: BuildID?
    /// The build whose artifacts it was answered with.
    package var reusedFrom: BuildID?
    /// The language that the requester reads.
    package var language: LanguageTag
    /// Until when the address' owner can confirm it; meanwhile it is `queued`, stands before nobody and starts never.
    /// `nil`: nobody needs to, or somebody has. It stays when the build ends unconfirmed: nobody is told of its end.
    package var confirmBy: Timestamp?
    /// From 1, higher than that of every build accepted before; never given to another one.
    package var number: Int64
    /// What it needs from elsewhere is still to be fetched (`Recipe.fetch`): until then it takes no place of its provider.
    package var isToGather: Bool

    package init(
        id: BuildID, recipe: RecipeID, recipeDigest: String, provider: String, state: BuildState, inputs: Inputs,
        artifacts: [Artifact] = [], runs: [Run] = [], address: String?, priority: Int, createdAt: Timestamp,
        startedAt: Timestamp? = nil, finishedAt: Timestamp? = nil, expiresAt: Timestamp? = nil,
        filesRemovedAt: Timestamp? = nil, sequence: Int64 = 0, group: BuildID? = nil, target: String? = nil,
        follows: BuildID? = nil, reusedFrom: BuildID? = nil, language: LanguageTag = .english,
        confirmBy: Timestamp? = nil, number: Int64 = 1, isToGather: Bool = false
    ) {
        self.id = id
        self.recipe = recipe
        self.recipeDigest = recipeDigest
        self.provider = provider
        self.state = state
        self.inputs = inputs
        self.artifacts = artifacts
        self.runs = runs
        self.address = address
        self.priority = priority
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.expiresAt = expiresAt
        self.filesRemovedAt = filesRemovedAt
        self.sequence = sequence
        self.group = group
        self.target = target
        self.follows = follows
        self.reusedFrom = reusedFrom
        self.language = language
        self.confirmBy = confirmBy
        self.number = number
        self.isToGather = isToGather
    }

    /// Whether it stands still until the owner of its address says that it is wanted.
    package var isWaitingForConfirmation: Bool { state.name == .queued && confirmBy != nil }
    /// Whether it ended because the owner did not.
    package var wasNeverConfirmed: Bool { state == .expired && confirmBy != nil }
}

/// One line of a build's timeline: what happened, when. Numbers grow by one within a build, from 1 (`accepted`).
package struct TimelineEntry: Hashable, Sendable {
    /// What a timeline holds beside the names of events.
    package enum Fact: String, Hashable, Sendable, CaseIterable {
        /// The first entry of every build.
        case accepted
        /// The run fetched a file of the submission; the note is the file's name.
        case inputFetched
        /// The build that it waited for gave it no result: it waits in the queue as one of its own.
        case unfollowed
        /// The address' owner said that the build is wanted.
        case confirmed
        /// Kiln fetches for the build; the note says what, and how far it has got.
        case fetching
        /// What was fetched is kept with the build; the note says what it is, and where it came from.
        case fetched
    }

    package var sequence: Int64
    package var at: Timestamp
    /// The state that followed.
    package var state: BuildState.Name
    /// The event's name, or that of a fact that moves no state (`Fact`).
    package var event: String
    /// For people: a phase's label, a failure's message, a file's name; plain text.
    package var note: String?
    package var percent: Int?

    package init(
        sequence: Int64, at: Timestamp, state: BuildState.Name, event: String, note: String?, percent: Int? = nil
    ) {
        self.sequence = sequence
        self.at = at
        self.state = state
        self.event = event
        self.note = note
        self.percent = percent
    }
}

/// What can be asked for, how it is built, what comes out, what is mailed: the contents of `recipes/<id>/recipe.yml`,
/// already checked. The file's format is described in docs/recipes.md.
package struct Recipe: Hashable, Sendable {
    package var id: RecipeID
    package var title: String
    package var summary: String
    /// A picture in the recipe's folder, shown in the list.
    package var picture: String?
    /// Place in the list; small comes first, equals by title.
    package var order: Int
    /// Whether the form is shown and taken. Builds of a recipe that is no longer offered still end.
    package var isOffered: Bool
    /// In the order of the form; names are unique.
    package var fields: [Field]
    package var prepare: PrepareStep?
    package var check: CheckStep?
    package var fetch: FetchStep?
    package var build: BuildStep
    package var watch: Watch
    package var artifacts: [ArtifactRule]
    package var sign: SignStep?
    package var verify: VerifyStep?
    package var generatorAPI: GeneratorAPI?
    /// How long artifacts, log and uploads are kept after the build's end.
    package var retention: Duration
    package var mail: MailTexts
    /// SHA-256 (hex) over every file of the recipe's folder: which version of the recipe a build was accepted under.
    package var digest: String

    package init(
        id: RecipeID, title: String, summary: String, picture: String?, order: Int, isOffered: Bool, fields: [Field],
        prepare: PrepareStep?, check: CheckStep? = nil, fetch: FetchStep? = nil, build: BuildStep, watch: Watch,
        artifacts: [ArtifactRule], sign: SignStep? = nil, verify: VerifyStep?, generatorAPI: GeneratorAPI? = nil,
        retention: Duration, mail: MailTexts, digest: String
    ) {
        self.id = id
        self.title = title
        self.summary = summary
        self.picture = picture
        self.order = order
        self.isOffered = isOffered
        self.fields = fields
        self.prepare = prepare
        self.check = check
        self.fetch = fetch
        self.build = build
        self.watch = watch
        self.artifacts = artifacts
        self.sign = sign
        self.verify = verify
        self.generatorAPI = generatorAPI
        self.retention = retention
        self.mail = mail
        self.digest = digest
    }

    package func field(_ name: FieldName) -> Field? {
        fields.first { $0.name == name }
    }

    /// One entry for each build that a submission becomes: the chosen targets, or a single `nil` without a matrix.
    package func targets(chosenIn inputs: Inputs) -> [String?] {
        guard let name = build.targets, case .choices(let chosen)? = inputs[name], !chosen.isEmpty else { return [nil] }
        return chosen
    }

    /// The field whose value is the address to mail to: the first of type `email`.
    package var addressField: Field? {
        fields.first { if case .email = $0.kind { true } else { false } }
    }
}

/// What is made once, at set-up, by a script that may use the network; its output is given read-only to every build.
package struct PrepareStep: Hashable, Sendable {
    package var script: String
    package var timeLimit: Duration
    package var tools: [String]

    package init(script: String, timeLimit: Duration, tools: [String]) {
        self.script = script
        self.timeLimit = timeLimit
        self.tools = tools
    }
}

/// How a build is run: where, with what, and how often.
package struct BuildStep: Hashable, Sendable {
    /// Where, in the order of preference, at least one and each provider once: the next is used while one is down.
    package var providers: [ProviderSettings]
    /// For `local`: the script of the recipe that runs in the sandbox.
    package var script: String?
    /// Programs that the script calls; `kiln doctor` looks for them.
    package var tools: [String]
    /// The fields that the script reads; `kiln check` reports a field that nobody uses.
    package var uses: [FieldName]
    /// For the others: what the job is given beside `KILN_ATTEMPT` and `KILN_URL`, in this order.
    package var parameters: [JobParameter]
    /// The fields whose files and values are bundled for the job; `nil`: all but private ones.
    package var bundle: [FieldName]?
    package var limits: RunLimits
    /// Most builds of this recipe under way at once; `nil`: only the service's own limit.
    package var atOnce: Int?
    /// Most runs of this recipe that are started in a minute; `nil`: only the service's own limit.
    package var triggersPerMinute: Int?
    /// Higher is claimed first; 0 by default.
    package var priority: Int
    /// How many attempts infrastructure faults may use up, the first included.
    package var maxAttempts: Int
    /// How long a build may wait in the queue before it expires.
    package var maxWait: Duration
    /// How old the result of an identical submission may be to be given out again; `nil`: each is built.
    package var reuseWithin: Duration?
    /// The multichoice field of which each chosen value makes one build (a matrix); `nil`: one submission, one build.
    package var targets: FieldName?

    package init(
        providers: [ProviderSettings] = [.local], script: String?, tools: [String] = [], uses: [FieldName] = [],
        parameters: [JobParameter] = [], bundle: [FieldName]? = nil, limits: RunLimits, atOnce: Int? = nil,
        triggersPerMinute: Int? = nil, priority: Int = 0, maxAttempts: Int, maxWait: Duration,
        reuseWithin: Duration? = nil, targets: FieldName? = nil
    ) {
        self.providers = providers
        self.script = script
        self.tools = tools
        self.uses = uses
        self.parameters = parameters
        self.bundle = bundle
        self.limits = limits
        self.atOnce = atOnce
        self.triggersPerMinute = triggersPerMinute
        self.priority = priority
        self.maxAttempts = maxAttempts
        self.maxWait = maxWait
        self.reuseWithin = reuseWithin
        self.targets = targets
    }

    /// The name of the provider that comes first.
    package var provider: String { (providers.first?.name ?? .local).rawValue }

    /// Its settings at this provider; `nil` if it does not run there.
    package func settings(at provider: ProviderSettings.Name) -> ProviderSettings? {
        providers.first { $0.name == provider }
    }
}

/// One named value that a job is given.
package struct JobParameter: Hashable, Sendable {
    package var name: String
    package var value: JobTemplate

    package init(name: String, value: JobTemplate) {
        self.name = name
        self.value = value
    }
}

/// What one run may use. Sizes in bytes.
package struct RunLimits: Hashable, Sendable {
    /// Some programs reserve much more than they use: Java, browsers.
    package enum AddressSpace: Hashable, Sendable {
        case bytes(Int64)
        case unlimited
    }

    package var time: Duration
    package var cpu: Duration
    package var memory: Int64
    /// Address space of one process; `nil`: in proportion to the memory.
    package var addressSpace: AddressSpace?
    package var processes: Int
    package var openFiles: Int
    /// Of everything that the run writes, scratch included.
    package var output: Int64
    package var log: Int64

    package init(
        time: Duration, cpu: Duration, memory: Int64, addressSpace: AddressSpace? = nil, processes: Int,
        openFiles: Int, output: Int64, log: Int64
    ) {
        self.time = time
        self.cpu = cpu
        self.memory = memory
        self.addressSpace = addressSpace
        self.processes = processes
        self.openFiles = openFiles
        self.output = output
        self.log = log
    }
}

/// How a run is read: phases and the first real error, as patterns over lines of its log, and where its result appears.
package struct Watch: Hashable, Sendable {
    /// The first that matches the newest matching line counts.
    package var phases: [PhasePattern]
    /// Regular expressions; the first line that one matches is the error (its first capture, if it has one).
    package var errors: [String]
    /// How often the provider is asked; `nil`: as often as is good for it.
    package var interval: Duration?
    /// Where the result is published; `nil`: the provider hands the files out, or the run sends them.
    package var release: ReleaseWatch?

    package init(
        phases: [PhasePattern], errors: [String], interval: Duration? = nil, release: ReleaseWatch? = nil
    ) {
        self.phases = phases
        self.errors = errors
        self.interval = interval
        self.release = release
    }
}

/// Links at which a CI publishes what it built; watched until one is there.
package struct ReleaseWatch: Hashable, Sendable {
    /// Candidates in the order of preference; their values are fixed when the build is accepted.
    package var links: [JobTemplate]
    /// The pause between looks when the file is about to be expected.
    package var interval: Duration
    /// The pause between looks long before or after that.
    package var longestInterval: Duration
    /// How long after the run's own end the file may take to appear.
    package var patience: Duration

    package init(
        links: [JobTemplate], interval: Duration = .seconds(15), longestInterval: Duration = .seconds(300),
        patience: Duration = .seconds(600)
    ) {
        self.links = links
        self.interval = interval
        self.longestInterval = longestInterval
        self.patience = patience
    }
}

package struct PhasePattern: Hashable, Sendable {
    /// A regular expression, checked when the recipe was loaded.
    package var match: String
    package var label: String
    /// 0...100
    package var percent: Int?

    package init(match: String, label: String, percent: Int?) {
        self.match = match
        self.label = label
        self.percent = percent
    }
}

/// Which files of the run's output are artifacts, and what they have to be.
package struct ArtifactRule: Hashable, Sendable {
    /// A file name pattern with `*` and `?`; it matches names directly in the output folder.
    package var match: String
    /// The sniffed MIME type that it must have; `nil`: any.
    package var contentType: String?
    package var maxBytes: Int64

    package init(match: String, contentType: String?, maxBytes: Int64) {
        self.match = match
        self.contentType = contentType
        self.maxBytes = maxBytes
    }
}

/// A script that tries the artifacts out before the build succeeds.
package struct VerifyStep: Hashable, Sendable {
    package var script: String
    package var tools: [String]
    package var limits: RunLimits
    /// Name of the picture that it leaves in its output folder, shown on the page and in the mail.
    package var picture: String?

    package init(script: String, tools: [String], limits: RunLimits, picture: String?) {
        self.script = script
        self.tools = tools
        self.limits = limits
        self.picture = picture
    }
}

/// What a recipe says of its mails; whole texts of its own lie in its folder `mail/`.
package struct MailTexts: Hashable, Sendable {
    /// Subjects as mustache templates over the fields; `nil`: the words of the mail's language.
    package var subjectSuccess: String?
    package var subjectFailure: String?
    /// A product of at most so many bytes is attached to the mail as well; `nil`: none is, the link is enough.
    package var attach: Int64?
    /// The languages that mails are written in, the first for those who read none of them; empty: all that there are,
    /// and English.
    package var languages: [LanguageTag]

    package init(
        subjectSuccess: String?, subjectFailure: String?, attach: Int64? = nil, languages: [LanguageTag] = []
    ) {
        self.subjectSuccess = subjectSuccess
        self.subjectFailure = subjectFailure
        self.attach = attach
        self.languages = languages
    }
}

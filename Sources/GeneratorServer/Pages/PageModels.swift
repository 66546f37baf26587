import Domain

/// What stands around the content of every page.
struct PageFrame: Sendable {
    /// `/`
    var homeURL: String
    /// `/status`
    var statusURL = "/status"
    /// The page of the build that this browser started last; `nil` if it started none that is still known.
    var latestBuildURL: String?
    /// Versioned URLs of what lies in `public/`.
    var assets: AssetIndex
    /// Of the request; shown on error pages and found in the log.
    var requestID: String
}

/// Versioned URLs of the files in `public/`, so that browsers may keep them for good.
struct AssetIndex: Sendable {
    /// File name in `public/` to the digest of its contents.
    var digests: [String: String]

    /// `/public/style.css?v=1a2b3c4d`; without a version if there is no such file.
    subscript(name: String) -> String {
        let path = "/public/" + name
        return digests[name].map { "\(path)?v=\($0.prefix(12))" } ?? path
    }
}

/// The list at `/`.
struct RecipesPage: Sendable {
    struct Entry: Sendable {
        var title: String
        var summary: String
        /// `/recipes/{id}`
        var url: String
        /// `nil` if the recipe has none.
        var pictureURL: String?
    }

    var frame: PageFrame
    /// In the order of the list; may be empty.
    var recipes: [Entry]
}

/// A form, with what was typed into it and what was wrong with it.
struct FormPage: Sendable {
    var frame: PageFrame
    var recipe: Recipe
    /// Where it is posted to, as `multipart/form-data`; holds the key that makes pressing the button twice one build.
    var action: String
    /// In the order of the form. Groups are runs of equal `field.group`.
    var fields: [FormField]
    /// Faults about fields that the form does not have.
    var strayFaults: [FaultMessage]
    /// Said above the form: the queue is full, too many builds, a body that could not be read. `nil`: nothing to say.
    var notice: Notice?
    /// Largest submission in bytes, all files together.
    var maxBytes: Int64

    /// Whether anything is wrong with it.
    var hasFaults: Bool { !strayFaults.isEmpty || fields.contains { !$0.faults.isEmpty } }

    struct Notice: Sendable {
        /// One sentence.
        var what: String
        /// One sentence.
        var mend: String
    }
}

/// One field of a form as it is to be shown.
struct FormField: Sendable {
    /// Label, help, bounds, choices; for pictures the recommended size is that of its `ImageRule`.
    var field: Field
    /// What stands in it: kept, taken from the query, or the recipe's default.
    var value: Value
    /// All at once, in plain words (P8).
    var faults: [FaultMessage]
    /// A file was sent with a form that had faults: it has to be chosen again, browsers keep no files. Its cleaned name.
    var lostFileName: String?

    enum Value: Sendable, Hashable {
        /// text, email, url, number (as typed), choice (its value)
        case text(String)
        case toggle(Bool)
        /// multichoice
        case choices(Set<String>)
        /// image, archive, file
        case file
    }
}

/// A `FieldFault` in words.
struct FaultMessage: Sendable, Hashable {
    /// Name of the field as it was sent.
    var field: String
    /// Stable, for programs: `too_long`.
    var code: String
    /// What is wrong and how to mend it, in one or two sentences.
    var message: String
}

/// The live page of a build.
struct BuildPage: Sendable {
    var frame: PageFrame
    var build: Build
    /// `nil` if the recipe is gone.
    var recipe: Recipe?
    /// `recipe.title`, or the recipe's id if it is gone.
    var recipeTitle: String
    /// The line that `/now` answers with: `running 40% Packing the initrd`.
    var statusLine: String
    /// What is going on, in a sentence for the requester; for ends: how it ended, whose fault, what to do next.
    var explanation: String
    /// 0...100 where one is known.
    var percent: Int?
    /// Only while it waits.
    var queue: QueueView?
    /// Expected time until its end; `nil` when it has ended or nothing is known.
    var etaSeconds: Int?
    /// Oldest first; of a group's lead what happened to all.
    var timeline: [TimelineLine]
    /// Oldest first.
    var deliveries: [Delivery]
    /// What was asked for, with the labels of the form. Private fields (the address) are in it: the page is the
    /// requester's own.
    var inputs: [InputLine]
    /// All builds of the submission, this one first; empty unless it leads a group.
    var targets: [Target] = []
    /// How they stand together.
    var summary: GroupSummary?
    /// Which target of the matrix it makes, in the words of the form; `nil` without one.
    var target: String?
    /// What it does now, in a few words; `nil` if it does nothing.
    var label: String?
    /// The products; empty until it succeeded, and after they expired.
    var artifacts: [ArtifactLine]
    /// Pictures of the product at work.
    var pictures: [ArtifactLine]
    /// Artifacts and log were removed.
    var filesAreGone: Bool
    var log: LogTail
    var links: BuildLinks
    /// For `EventSource`: what this page already shows, `<sequence>:<logOffset>`, as `?after=` of the events' URL.
    var lastEventID: String
    /// Until when somebody has to confirm it; `nil` if nobody has to.
    var confirmBy: Timestamp?

    /// Whether anything that the page tells of can still change.
    var isLive: Bool { summary.map { !$0.hasEnded } ?? !build.state.isTerminal }

    /// One build of the group.
    struct Target: Sendable {
        var build: Build
        /// In the words of the form.
        var name: String
        /// What it does now, in a few words.
        var label: String?
        /// The products, as of a page of its own.
        var artifacts: [ArtifactLine]
        var pictures: [ArtifactLine]
        /// Its own page; the lead's is this one.
        var url: String
    }

    struct TimelineLine: Sendable {
        var entry: TimelineEntry
        /// Of which target, where there are several.
        var target: String?
        /// Where its run is or was.
        var provider: String
        /// Of a build that ended because nobody confirmed it.
        var wasNeverConfirmed = false
    }

    struct InputLine: Sendable {
        var label: String
        /// For people: choices by their labels, files as `name (size)`, `yes`, `no`.
        var value: String
    }

    struct ArtifactLine: Sendable {
        var artifact: Artifact
        var url: String
        /// `nil`: kept until the build has ended, plus the recipe's retention.
        var expiresAt: Timestamp?
    }

    struct LogTail: Sendable {
        /// The end of the log, whole lines, free of control characters; of terminal sequences only colours are in it.
        var text: String
        /// Lines stand before it that are not shown.
        var isCut: Bool
        /// Bytes of the log when the page was made.
        var size: Int64
    }
}

/// Where a build stands in the queue.
struct QueueView: Sendable, Hashable {
    /// 1 is next.
    var position: Int
    /// `nil` without history.
    var etaSeconds: Int?
}

/// The URLs of a build, relative to the host.
struct BuildLinks: Sendable, Hashable {
    var page: String
    var events: String
    var log: String
    /// `nil` when it has ended.
    var cancel: String?
    /// `nil` while it is under way, or when its files or its recipe are gone.
    var rebuild: String?
    var now: String
    var json: String
    /// Has the mail that asks to confirm it sent again; `nil` when nobody has to confirm it.
    var confirmation: String?
    /// The page of the group's lead, which tells of all; `nil` for the lead itself and for a build without a group.
    var lead: String?
    /// The same for programs.
    var group: String?
}

/// How busy the service is.
struct StatusPage: Sendable {
    var frame: PageFrame
    /// When it was so.
    var at: Timestamp
    /// By name; may be empty.
    var lines: [StatusBoard.Line]
}

/// What the reader of a mail decides: whether a build that somebody asked for with their address is wanted.
struct ConfirmPage: Sendable {
    var frame: PageFrame
    /// `recipe.title`, or the recipe's id if it is gone.
    var recipeTitle: String
    var address: String
    /// When it was asked for.
    var askedAt: Timestamp
    var confirmBy: Timestamp
    /// What was asked for, with the labels of the form.
    var inputs: [BuildPage.InputLine]
    /// Where "yes" and "not me" are posted to.
    var confirmURL: String
    var disownURL: String
    /// Whether the reader came to say "not me": then nothing is pressed for them.
    var isNotMe: Bool
}

/// A page that says one thing, and may ask for one thing.
struct NoticePage: Sendable {
    /// A button.
    struct Action: Sendable {
        var url: String
        var label: String
    }

    var frame: PageFrame
    var title: String
    /// Plain sentences.
    var paragraphs: [String]
    var action: Action?
    /// Where to go on.
    var link: Action?
}

/// A page that says what went wrong.
struct ErrorPage: Sendable {
    var frame: PageFrame
    var status: Int
    /// `Page not found`
    var title: String
    /// One or two plain sentences.
    var what: String
    /// What to do now; plain text.
    var mend: String?
}

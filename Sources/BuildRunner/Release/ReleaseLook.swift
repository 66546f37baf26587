package import Domain

/// What one look at a build's links saw.
package enum ReleaseLook: Hashable, Sendable {
    /// Nothing is published yet.
    case notYet
    /// One file for each rule of the recipe, in the order of the rules.
    case there([ReleasedFile])
    /// Nobody could say; the pause is the least to wait. The reason is for the operator's log.
    case later(after: Duration, reason: String)
    /// What is published cannot be the result, however often it is looked at.
    case refused(Failure)
}

/// A file that is published at a link, as its host announces it.
package struct ReleasedFile: Hashable, Sendable {
    /// Fit to be an artifact's name, and wanted by a rule.
    package var name: String
    /// `nil` if the host does not say.
    package var bytes: Int64?
    /// The candidate itself, not what it led to: signed addresses expire.
    package var link: String
    package var etag: String?

    package init(name: String, bytes: Int64?, link: String, etag: String? = nil) {
        self.name = name
        self.bytes = bytes
        self.link = link
        self.etag = etag
    }
}

/// What is kept of a build's links from look to look. It need not outlive the process: without it everything is asked anew.
package struct ReleaseMemory: Hashable, Sendable {
    struct Candidate: Hashable, Sendable {
        /// HEAD said nothing here.
        var asksByGet = false
        /// What its ETag stood for.
        var known: ReleasedFile?
    }

    /// By place; those behind the end have nothing to be remembered.
    private var candidates: [Candidate] = []
    /// Looks in a row to which no host gave an answer of use.
    private(set) var refusals = 0
    /// What a host asked for at the last look.
    private(set) var wait: Duration?

    package init() {}

    subscript(place: Int) -> Candidate {
        get { place < candidates.count ? candidates[place] : Candidate() }
        set {
            guard newValue != self[place] else { return }
            while candidates.count <= place { candidates.append(Candidate()) }
            candidates[place] = newValue
        }
    }

    mutating func answered() {
        refusals = 0
        wait = nil
    }

    mutating func refused(wait: Duration?) {
        refusals = min(refusals + 1, 20)
        self.wait = wait
    }
}

package import Domain

/// What one look at a run saw.
package struct Observation: Hashable, Sendable {
    package enum Status: Hashable, Sendable {
        /// The provider has it and has not begun.
        case waiting
        case running
        case succeeded
        /// The run ended badly. A failure of kind `infrastructure` is tried again while the recipe allows.
        case failed(Failure)
        /// Somebody ended it at the provider.
        case cancelled
        /// It is gone without an end: its machine went down, it was deleted.
        case lost(reason: String)

        /// Whether nothing more is to be expected of the run.
        package var isEnd: Bool {
            switch self {
            case .waiting, .running: false
            case .succeeded, .failed, .cancelled, .lost: true
            }
        }
    }

    package var status: Status
    /// What the provider itself says it is doing; phases in the log come on top.
    package var phase: Phase?
    /// The run by a better name than the one that is known: a queue's ticket became a build, an address appeared.
    package var run: Run?

    package init(status: Status, phase: Phase? = nil, run: Run? = nil) {
        self.status = status
        self.phase = phase
        self.run = run
    }
}

/// A file that a run left at its provider.
package struct ProducedFile: Hashable, Sendable {
    /// As the run named it: untrusted, without folders.
    package var name: String
    package var bytes: Int64

    package init(name: String, bytes: Int64) {
        self.name = name
        self.bytes = bytes
    }
}

/// What a provider needs to know to start a run.
package struct BuildOrder: Hashable, Sendable {
    package var build: Build
    package var recipe: Recipe

    package init(build: Build, recipe: Recipe) {
        self.build = build
        self.recipe = recipe
    }
}

/// One point of a provider's health, for `kiln doctor` and `/health-check`.
package struct ProviderFinding: Hashable, Sendable {
    /// What was looked at: `sandbox`, `recipe meilix-mini: prepared files`.
    package var subject: String
    package var passed: Bool
    /// What was seen, one line.
    package var message: String
    /// What the operator can do about it.
    package var mend: String?

    package init(subject: String, passed: Bool, message: String, mend: String? = nil) {
        self.subject = subject
        self.passed = passed
        self.message = message
        self.mend = mend
    }
}

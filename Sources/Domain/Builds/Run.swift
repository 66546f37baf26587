/// One try to start a build at a provider. Its key travels with the trigger, so that the provider can be asked for it
/// before anything is sent a second time (P3).
package struct Attempt: Hashable, Sendable {
    /// 1 for the first.
    package var number: Int
    package var key: String

    package init(number: Int, of build: BuildID) {
        self.number = number
        self.key = "\(build)-\(number)"
    }

    package init(number: Int, key: String) {
        self.number = number
        self.key = key
    }
}

/// The provider's execution of an attempt.
package struct Run: Hashable, Sendable {
    package var attempt: Attempt
    package var provider: String
    /// The provider's own name for it.
    package var id: String
    /// Where a person can look at it; `nil` for local runs.
    package var url: String?

    package init(attempt: Attempt, provider: String, id: String, url: String?) {
        self.attempt = attempt
        self.provider = provider
        self.id = id
        self.url = url
    }
}

/// What the run is doing now, as the requester reads it.
package struct Phase: Hashable, Sendable {
    package var label: String
    /// 0...100; `nil` where it is not known.
    package var percent: Int?

    package init(label: String, percent: Int?) {
        self.label = label
        self.percent = percent
    }
}

/// A file that a run made.
package struct Artifact: Hashable, Sendable {
    package enum Role: String, Hashable, Sendable, CaseIterable {
        /// What was asked for.
        case product
        /// A picture of the product at work, taken while verifying.
        case picture
    }

    /// Safe file name; unique within the build.
    package var name: String
    package var role: Role
    package var contentType: String
    package var bytes: Int64
    /// Lower-case hex, of the bytes that are served (P9).
    package var sha256: String

    /// Whether it is a package that Android installs.
    package var isAndroidApp: Bool { contentType == "application/vnd.android.package-archive" }

    package init(name: String, role: Role, contentType: String, bytes: Int64, sha256: String) {
        self.name = name
        self.role = role
        self.contentType = contentType
        self.bytes = bytes
        self.sha256 = sha256
    }
}

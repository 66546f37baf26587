import Curl
import Domain

/// What one link's answer means.
enum ReleaseFinding: Hashable, Sendable {
    case notYet
    case there(ReleasedFile)
    /// With what the host asked to wait, if it did.
    case later(after: Duration?, reason: String)
    case refused(Failure)
    /// HEAD is not answered here as GET would be.
    case askByGet
}

extension ReleaseFinding {
    /// What an exchange without an answer means.
    init(_ failure: HTTPFailure) {
        switch failure {
        case .badRequest, .forbiddenAddress: self = .refused(FailureWords.forbiddenRelease)
        case .unreachable(let words):
            self = .later(after: nil, reason: "the release's host cannot be reached: \(words)")
        case .interrupted, .timedOut, .stopped, .tooLarge, .file:
            self = .later(after: nil, reason: "the release's host did not answer whole: \(failure)")
        }
    }
}

/// What the findings of one look come to.
struct ReleaseChoice {
    private let patterns: [FilePattern]
    private var files: [ReleasedFile?]
    private var refusal: Failure?
    private var delay: (after: Duration?, reason: String)?

    /// Without rules, one file of any name is wanted.
    init(_ rules: [ArtifactRule]) {
        patterns = rules.isEmpty ? [FilePattern("*")] : rules.map { FilePattern($0.match) }
        files = Array(repeating: nil, count: patterns.count)
    }

    /// What a host asked to wait.
    var wait: Duration? { delay?.after }

    /// - Returns: whether there is nothing more to ask.
    mutating func take(_ finding: ReleaseFinding) -> Bool {
        switch finding {
        case .there(let file):
            if let place = patterns.firstIndex(where: { $0.matches(file.name) }), files[place] == nil {
                files[place] = file
            }
            return files.allSatisfy { $0 != nil }
        case .refused(let failure):
            refusal = refusal ?? failure
            return false
        case .later(let pause, let reason):
            delay = delay ?? (pause, reason)
            // Who says how long to wait is not asked once more before that.
            return pause != nil
        case .notYet, .askByGet:
            return false
        }
    }

    /// A file for each rule counts for more than what went wrong elsewhere.
    var look: ReleaseLook {
        let found = files.compactMap(\.self)
        if found.count == files.count { return .there(found) }
        if let refusal { return .refused(refusal) }
        if let delay { return .later(after: delay.after ?? RemoteAPI.pauseForServer, reason: delay.reason) }
        return .notYet
    }
}

extension FailureWords {
    static let forbiddenRelease = Failure(
        kind: .build,
        message:
            "The result's link leads to an address that this server does not fetch from. Its operator can allow it.")

    static func unexpectedRelease(_ name: String) -> Failure {
        Failure(
            kind: .build,
            message: "What was published at the result's link is called `\(name)`, which the recipe does not expect.")
    }
}

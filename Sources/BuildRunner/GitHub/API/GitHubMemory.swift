import Domain
import NIOConcurrencyHelpers

/// What one process remembers of GitHub between calls. All of it can be lost: it saves calls, and tells what was asked
/// so lately that GitHub's lists may not show it yet.
final class GitHubMemory: Sendable {
    /// An answer that GitHub says with a 304 to be still good.
    struct Kept: Sendable {
        var tag: String
        var value: any Sendable
    }

    struct Token: Sendable {
        var text: String
        var endsAt: Timestamp
        var permissions: [String: String]
    }

    /// Of one attempt, until it is cleaned up.
    struct Notes: Sendable {
        var settings: GitHubSettings?
        /// When a run was last asked for.
        var askedAt: Timestamp?
        var run: Run?
        /// When its end was first seen.
        var endedAt: Timestamp?
        var hasWholeLog = false
        var files: [GitHubFile]?
        /// By address.
        var kept: [String: Kept] = [:]
    }

    private struct State {
        var notes: [String: Notes] = [:]
        var tokens: [String: Token] = [:]
    }

    private let state = NIOLockedValueBox(State())

    func notes(of attempt: Attempt) -> Notes {
        state.withLockedValue { $0.notes[attempt.key] ?? Notes() }
    }

    func note(_ attempt: Attempt, _ change: (inout Notes) -> Void) {
        state.withLockedValue { change(&$0.notes[attempt.key, default: Notes()]) }
    }

    func forget(_ attempt: Attempt) {
        state.withLockedValue { $0.notes[attempt.key] = nil }
    }

    var count: Int { state.withLockedValue { $0.notes.count } }

    func token(of installation: String) -> Token? {
        state.withLockedValue { $0.tokens[installation] }
    }

    func keep(_ token: Token, of installation: String) {
        state.withLockedValue { $0.tokens[installation] = token }
    }

    /// Only this one: another task may have fetched a newer one already.
    func drop(_ text: String, of installation: String) {
        state.withLockedValue { state in
            if state.tokens[installation]?.text == text { state.tokens[installation] = nil }
        }
    }
}

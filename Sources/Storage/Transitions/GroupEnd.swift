import Domain

/// How a group has ended, as one mail says it.
enum GroupEnd {
    /// - Parameter states: of all its builds, the lead's first.
    /// - Returns: `nil` while one of them has not ended.
    static func kind(of states: [BuildState.Name]) -> MailKind? {
        guard let lead = states.first, states.allSatisfy(\.isTerminal) else { return nil }
        if states.contains(.succeeded) { return .succeeded }
        if states.contains(.failed) { return .failed }
        switch lead {
        case .cancelled: return .cancelled
        case .expired: return .expired
        case .succeeded, .failed, .queued, .triggering, .running, .collecting, .verifying: return nil
        }
    }
}

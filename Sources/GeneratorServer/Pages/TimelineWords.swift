import Domain

/// A build's story in the words of its page.
enum TimelineWords {
    static func text(_ line: BuildPage.TimelineLine) -> String {
        let words = sentence(line)
        return line.target.map { "\($0): \(words)" } ?? words
    }

    private static func sentence(_ line: BuildPage.TimelineLine) -> String {
        let entry = line.entry
        if line.wasNeverConfirmed, entry.event == BuildEvent.Name.expired.rawValue { return "Nobody confirmed it" }
        let words = words(entry, at: line.provider)
        guard let note = entry.note else { return words }
        let isOneSentence = [TimelineEntry.Fact.inputFetched, .fetched].contains { $0.rawValue == entry.event }
        return isOneSentence ? "\(words) \(note)" : "\(words): \(note)"
    }

    private static func words(_ entry: TimelineEntry, at provider: String) -> String {
        if let event = BuildEvent.Name(rawValue: entry.event) { return words(event, entry, at: provider) }
        return switch TimelineEntry.Fact(rawValue: entry.event) {
        case .accepted: "Accepted"
        case .inputFetched: "The build system fetched"
        case .confirmed: "The reader of the mail said yes"
        case .fetching: "Now"
        case .fetched: "Fetched"
        case .unfollowed: "It is built on its own: there was no result to share"
        case nil: entry.event
        }
    }

    private static func words(_ event: BuildEvent.Name, _ entry: TimelineEntry, at provider: String) -> String {
        let isHere = provider == ProviderSettings.Name.local.rawValue
        return switch event {
        case .claimed: "Its turn has come"
        case .gathered: "All that it needs is here, and it waits for its place"
        case .triggered: isHere ? "The build has started" : "Handed to \(ProviderWords.place(provider))"
        case .runLocated: isHere ? "It was taken up" : "It was taken up at \(ProviderWords.place(provider))"
        case .phaseChanged: entry.percent.map { "\($0)%" } ?? "Now"
        case .runSucceeded: "The build is done, its files are collected"
        case .collected: "The files are stored and checked"
        case .verified: "It was tried out and works"
        case .attemptLost: "A fault on our side"
        case .ended: "Failed"
        case .cancelled: "Cancelled"
        case .expired: "Waited for too long"
        case .reused: "The same was built before: its files are given to you"
        }
    }
}

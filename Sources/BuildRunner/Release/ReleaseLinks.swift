package import Curl
package import Domain

/// Where a recipe's result may appear, looked at without keeping a connection or a row for each.
///
/// All links are guarded: fields of the form are part of them, and redirects are their host's.
package struct ReleaseLinks: Sendable {
    /// Bounds one request of a look (P6).
    static let timeLimit = Duration.seconds(30)
    /// Hosts that lead to a page for each download, to a mirror and from there to a file's own address are not rare.
    static let mostRedirects = 8

    let transfers: HTTPTransfers
    let clock: any WallClock

    package init(transfers: HTTPTransfers, clock: any WallClock) {
        self.transfers = transfers
        self.clock = clock
    }

    /// The candidates of a build, each once: values fixed at acceptance and percent-encoded, so that they stay inside the
    /// part of the path that the recipe gives them (P5). What is no web address then is none.
    package static func candidates(_ watch: ReleaseWatch, of build: Build) -> [String] {
        let values = JobValues(fixed: build)
        var links: [String] = []
        for template in watch.links {
            let link = template.text(values, for: .url)
            guard WebAddress(link) != nil, !climbs(link), !links.contains(link) else { continue }
            links.append(link)
        }
        return links
    }

    /// One look at all candidates, in order; it ends early when each rule has its file.
    ///
    /// - Parameters:
    ///   - links: `candidates`, the same at each look.
    ///   - memory: of the looks before, at these links.
    ///   - rules: what is wanted. A file counts for the first rule that its name matches, and for a rule counts the first.
    package func look(
        _ links: [String], _ memory: inout ReleaseMemory, rules: [ArtifactRule]
    ) async -> ReleaseLook {
        var choice = ReleaseChoice(rules)
        for (place, link) in links.enumerated() {
            let finding = await find(link, &memory[place], rules)
            if choice.take(finding) { break }
        }
        let look = choice.look
        if case .later = look { memory.refused(wait: choice.wait) } else { memory.answered() }
        return look
    }

    private func find(
        _ link: String, _ candidate: inout ReleaseMemory.Candidate, _ rules: [ArtifactRule]
    ) async -> ReleaseFinding {
        if candidate.known?.link != link { candidate.known = nil }
        var finding = await ask(link, candidate, rules)
        if case .askByGet = finding {
            candidate.asksByGet = true
            finding = await ask(link, candidate, rules)
        }
        switch finding {
        case .there(let file): candidate.known = file.etag == nil ? nil : file
        case .notYet, .refused: candidate.known = nil
        case .later, .askByGet: break
        }
        return finding
    }

    private func ask(
        _ link: String, _ candidate: ReleaseMemory.Candidate, _ rules: [ArtifactRule]
    ) async -> ReleaseFinding {
        var headers: [(name: String, value: String)] = []
        if let etag = candidate.known?.etag { headers.append(("If-None-Match", etag)) }
        if candidate.asksByGet { headers.append(("Range", "bytes=0-0")) }
        let request = HTTPRequest(
            candidate.asksByGet ? .get : .head, link, headers: headers, timeLimit: Self.timeLimit,
            redirects: .follow(most: Self.mostRedirects), reach: .guarded)
        do throws(HTTPFailure) {
            // A host that knows no ranges begins to send the whole file.
            let answer = try await transfers.peek(request, most: 1)
            return ReleaseAnswer(
                answer: answer, link: link, isWhole: !candidate.asksByGet, known: candidate.known, rules: rules,
                now: clock.now()
            ).finding
        } catch {
            return ReleaseFinding(error)
        }
    }

    /// A value that is `..` would lead out of its part of the path, percent-encoded or not.
    private static func climbs(_ link: String) -> Bool {
        let path = link.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        return path.split(separator: UInt8(ascii: "/")).contains { segment in
            [".", ".."].contains(PercentText.decoded(String(decoding: segment, as: UTF8.self)))
        }
    }
}

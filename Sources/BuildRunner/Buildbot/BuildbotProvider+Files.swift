import Curl
package import Domain

extension BuildbotProvider {
    package func listFiles(of run: Run, for order: BuildOrder) async -> ProviderAnswer<[ProducedFile]> {
        await remoteAnswer { () async throws(RemoteFault) -> [ProducedFile] in
            let files = BuildbotFiles(provider: self, master: try master(order), order: order)
            var produced: [ProducedFile] = []
            for place in try await files.places(of: run) {
                guard let bytes = try await files.size(of: place) else { continue }
                produced.append(ProducedFile(name: place.name, bytes: bytes))
            }
            return produced
        }
    }

    package func fetch(
        _ file: ProducedFile, of run: Run, for order: BuildOrder, to path: String, limit: Int64
    ) async -> ProviderAnswer<Void> {
        await remoteAnswer { () async throws(RemoteFault) in
            guard file.bytes <= limit else { throw .refused(FailureWords.unusableFile) }
            let files = BuildbotFiles(provider: self, master: try master(order), order: order)
            guard let place = try await files.places(of: run).first(where: { $0.name == file.name }) else {
                throw .refused(FailureWords.runGone)
            }
            try await files.download(place, to: path, limit: limit)
        }
    }
}

/// What a build left for people: the links of its steps, and its build data.
struct BuildbotFiles: Sendable {
    struct Place: Hashable, Sendable {
        enum Source: Hashable, Sendable {
            case link(String)
            case data(build: Int, bytes: Int64)
        }

        var name: String
        var source: Source
    }

    let provider: BuildbotProvider
    let master: BuildbotMaster
    let order: BuildOrder

    /// Only what one of the recipe's rules asks for; of several with one name, the newest.
    func places(of run: Run) async throws(RemoteFault) -> [Place] {
        let build = try await build(of: run)
        let patterns = order.recipe.artifacts.map { FilePattern($0.match) }
        var places: [String: Place.Source] = [:]
        let data = try await master.read(BuildbotAnswers.DataList.self, "builds/\(build)/data")
        for entry in data.data where patterns.contains(where: { $0.matches(entry.name) }) {
            places[entry.name] = .data(build: build, bytes: entry.length)
        }
        let steps = try await master.read(BuildbotAnswers.Steps.self, "builds/\(build)/steps")
        for step in steps.steps.sorted(by: { $0.number < $1.number }) {
            for link in step.urls ?? [] where Self.isOfTheWeb(link) {
                guard let name = Self.names(of: link).first(where: { name in patterns.contains { $0.matches(name) } })
                else { continue }
                places[name] = .link(link.url)
            }
        }
        return places.sorted { $0.key < $1.key }.map { Place(name: $0.key, source: $0.value) }
    }

    private func build(of run: Run) async throws(RemoteFault) -> Int {
        switch BuildbotRunID(run.id) {
        case .build(let id): return id
        case .request(let id):
            if let build = try await provider.builds(of: id, at: master).last { return build.id }
        case nil: break
        }
        throw .refused(FailureWords.runGone)
    }

    private static func isOfTheWeb(_ link: BuildbotAnswers.Step.Link) -> Bool {
        ["http://", "https://"].contains { link.url.lowercased().hasPrefix($0) }
    }

    /// What a link's file may be called: the link's own text, or the end of its address.
    private static func names(of link: BuildbotAnswers.Step.Link) -> [String] {
        let end = PercentText.lastSegment(of: link.url)
        return [link.name, end].compactMap { $0 }.filter(ArtifactName.isUsable)
    }

    // MARK: - Transfers

    /// `nil` if nothing is there; 0 where the server does not say.
    func size(of place: Place) async throws(RemoteFault) -> Int64? {
        guard case .link(let link) = place.source else {
            if case .data(_, let bytes) = place.source { return bytes }
            return nil
        }
        let head = try await files.ask(.head, link)
        switch head.status {
        case 200..<300: return head.headers["content-length"].flatMap { Int64($0) } ?? 0
        case 403, 405, 501: break
        case 404, 410: return nil
        default: throw provider.api.fault(of: head, for: .reading)
        }
        // HEAD is not for everyone: one byte tells the size too.
        let first = try await files.ask(.get, link, headers: [("Range", "bytes=0-0")])
        guard (200..<300).contains(first.status) else { throw provider.api.fault(of: first, for: .reading) }
        let total = first.headers["content-range"]?.split(separator: "/").last
        return (total ?? first.headers["content-length"]?[...]).flatMap { Int64($0) } ?? 0
    }

    func download(_ place: Place, to path: String, limit: Int64) async throws(RemoteFault) {
        let answer: HTTPAnswer?
        switch place.source {
        case .data(let build, _):
            var files = files
            files.credentials = [master.cookie()].compactMap(\.self)
            let address = master.address("builds/\(build)/data/\(place.name.percentEncoded)/value")
            answer = try await files.download(address, to: path, limit: limit)
        case .link(let link):
            answer = try await files.download(link, to: path, limit: limit)
        }
        guard let answer else { throw .refused(FailureWords.unusableFile) }
        guard (200..<300).contains(answer.status) else { throw provider.api.fault(of: answer, for: .reading) }
    }

    /// The master's own host is the operator's; every other one was named by a build, and so is every redirect. What is
    /// known to the master, the cookie, goes to no link.
    private var files: RemoteFiles {
        RemoteFiles(api: provider.api, base: master.settings.baseURL, own: .host)
    }
}

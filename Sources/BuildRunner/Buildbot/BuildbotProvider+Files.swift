import Curl
package import Domain
import Foundation

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

    private static let mostRedirects = 5

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
            for link in step.urls ?? [] {
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

    /// What a link's file may be called: the link's own text, or the end of its address.
    private static func names(of link: BuildbotAnswers.Step.Link) -> [String] {
        let path = link.url.prefix { $0 != "?" && $0 != "#" }
        let end = path.split(separator: "/").last.flatMap { String($0).removingPercentEncoding }
        return [link.name, end].compactMap { $0 }.filter(ArtifactName.isUsable)
    }

    // MARK: - Transfers

    /// `nil` if nothing is there; 0 where the server does not say.
    func size(of place: Place) async throws(RemoteFault) -> Int64? {
        guard case .link(let link) = place.source else {
            if case .data(_, let bytes) = place.source { return bytes }
            return nil
        }
        let head = try await follow(link) { request in (.head, request) }
        switch head.status {
        case 200..<300: return head.headers["content-length"].flatMap { Int64($0) } ?? 0
        case 403, 405, 501: break
        case 404, 410: return nil
        default: throw provider.api.fault(of: head, for: .reading)
        }
        // HEAD is not for everyone: one byte tells the size too.
        let first = try await follow(link) { request in
            request.headers.append(("Range", "bytes=0-0"))
            return (.get, request)
        }
        guard (200..<300).contains(first.status) else { throw provider.api.fault(of: first, for: .reading) }
        let total = first.headers["content-range"]?.split(separator: "/").last
        return (total ?? first.headers["content-length"]?[...]).flatMap { Int64($0) } ?? 0
    }

    func download(_ place: Place, to path: String, limit: Int64) async throws(RemoteFault) {
        switch place.source {
        case .data(let build, _):
            var request = HTTPRequest(
                .get, master.address("builds/\(build)/data/\(place.name.percentEncoded)/value"),
                redirects: .none)
            if let cookie = master.cookie() { request.headers.append(cookie) }
            try Self.expectFile(try await transfer(request, path, limit), provider.api)
        case .link(let link):
            var address = link
            for _ in 0...Self.mostRedirects {
                let answer = try await transfer(try request(.get, address), path, limit)
                guard let next = Self.next(after: answer, from: address) else {
                    return try Self.expectFile(answer, provider.api)
                }
                address = next
            }
            throw provider.api.nonsense("a file's address leads on and on", for: .reading)
        }
    }

    private static func expectFile(_ answer: HTTPAnswer, _ api: RemoteAPI) throws(RemoteFault) {
        if (200..<300).contains(answer.status) { return }
        throw api.fault(of: answer, for: .reading)
    }

    private func transfer(
        _ request: HTTPRequest, _ path: String, _ limit: Int64
    ) async throws(RemoteFault) -> HTTPAnswer {
        do throws(HTTPFailure) {
            return try await provider.tools.transfers.download(request, to: path, limit: limit)
        } catch {
            switch error {
            case .tooLarge: throw .refused(FailureWords.unusableFile)
            case .file(let words): throw .unknown(reason: words)
            default: throw provider.api.fault(of: error, for: .reading)
            }
        }
    }

    /// Asks for headers only, wherever the link leads.
    private func follow(
        _ link: String, _ change: (inout HTTPRequest) -> (HTTPRequest.Method, HTTPRequest)
    ) async throws(RemoteFault) -> HTTPAnswer {
        var address = link
        for _ in 0...Self.mostRedirects {
            var request = try request(.get, address)
            request.timeLimit = RemoteAPI.timeLimit
            let (method, changed) = change(&request)
            request = changed
            request.method = method
            let answer: HTTPAnswer
            do throws(HTTPFailure) {
                answer = try await provider.tools.transfers.send(request, bodyLimit: 1 << 20)
            } catch {
                throw provider.api.fault(of: error, for: .reading)
            }
            guard let next = Self.next(after: answer, from: address) else { return answer }
            address = next
        }
        throw provider.api.nonsense("a file's address leads on and on", for: .reading)
    }

    /// The master's own host is the operator's; every other one was named by a build, and so is every redirect. What is
    /// known to the master, the cookie, goes to neither.
    private func request(_ method: HTTPRequest.Method, _ address: String) throws(RemoteFault) -> HTTPRequest {
        guard let url = URL(string: address), let host = url.host(), ["http", "https"].contains(url.scheme ?? "")
        else { throw .refused(FailureWords.unusableFile) }
        let own = URL(string: master.settings.baseURL)?.host()
        return HTTPRequest(
            method, address, redirects: .none, reach: host.lowercased() == own?.lowercased() ? .anywhere : .guarded)
    }

    private static func next(after answer: HTTPAnswer, from address: String) -> String? {
        guard [301, 302, 303, 307, 308].contains(answer.status), let location = answer.headers["location"],
            let base = URL(string: address)
        else { return nil }
        return URL(string: location, relativeTo: base)?.absoluteString
    }
}

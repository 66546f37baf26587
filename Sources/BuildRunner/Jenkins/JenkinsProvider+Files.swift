import Curl
package import Domain
import Foundation

extension JenkinsProvider {
    package func readLog(
        of run: Run, for order: BuildOrder, from offset: Int64, limit: Int
    ) async -> ProviderAnswer<[UInt8]> {
        await remoteAnswer { () throws(RemoteFault) in
            guard case .build(let number) = JenkinsRunID(run.id) else { return [] }
            do throws(RemoteFault) {
                return try await logs.read(
                    run.attempt, build: number, at: try client(for: order), from: offset, limit: limit)
            } catch .missing(let reason) {
                throw .refusedUntil(after: RemoteAPI.pauseForServer, reason: reason)
            }
        }
    }

    /// The archived files that the recipe asks for: Jenkins tells no sizes in its list, so that each one is asked for.
    package func listFiles(of run: Run, for order: BuildOrder) async -> ProviderAnswer<[ProducedFile]> {
        await remoteAnswer { () throws(RemoteFault) in
            let client = try client(for: order)
            let paths = try await artifacts(of: run, order, at: client)
            var files: [ProducedFile] = []
            for (name, path) in paths.sorted(by: { $0.key < $1.key }) {
                let request = HTTPRequest(.head, try address(of: path, run, at: client))
                let answer = try await follow(request, at: client) { request throws(HTTPFailure) in
                    try await tools.transfers.send(request)
                }
                files.append(
                    ProducedFile(name: name, bytes: answer.headers["content-length"].flatMap { Int64($0) } ?? 0))
            }
            return files
        }
    }

    package func fetch(
        _ file: ProducedFile, of run: Run, for order: BuildOrder, to path: String, limit: Int64
    ) async -> ProviderAnswer<Void> {
        await remoteAnswer { () throws(RemoteFault) in
            let client = try client(for: order)
            guard let relative = try await artifacts(of: run, order, at: client)[file.name] else {
                throw .refused(FailureWords.noArtifact(file.name))
            }
            let request = HTTPRequest(.get, try address(of: relative, run, at: client))
            _ = try await follow(request, at: client) { request throws(HTTPFailure) in
                try await tools.transfers.download(request, to: path, limit: limit)
            }
        }
    }

    /// Redirects of one file that are followed.
    private static let mostRedirects = 3

    /// Paths below the build's artifacts by file name, of those that the recipe asks for.
    private func artifacts(
        of run: Run, _ order: BuildOrder, at client: JenkinsClient
    ) async throws(RemoteFault) -> [String: String] {
        guard case .build(let number) = JenkinsRunID(run.id) else { return [:] }
        let listed: JenkinsAnswers.Artifacts
        do throws(RemoteFault) {
            listed = try await client.json(
                JenkinsAnswers.Artifacts.self, of: client.build(number), tree: "artifacts[fileName,relativePath]")
        } catch .missing {
            throw .refused(FailureWords.runGone)
        }
        let patterns = order.recipe.artifacts.map { FilePattern($0.match) }
        var paths: [String: String] = [:]
        for file in listed.artifacts where patterns.contains(where: { $0.matches(file.fileName) }) {
            guard paths.updateValue(file.relativePath, forKey: file.fileName) == nil else {
                throw .refused(
                    Failure(
                        kind: .build,
                        message: "The build left two files with the name `\(file.fileName.shownLine())`."))
            }
            // Each one costs a request.
            guard paths.count <= Self.mostFiles else { throw .refused(FailureWords.tooMany(Self.mostFiles)) }
        }
        return paths
    }

    private static let mostFiles = 100

    private func address(of relative: String, _ run: Run, at client: JenkinsClient) throws(RemoteFault) -> String {
        guard case .build(let number) = JenkinsRunID(run.id), let path = JenkinsText.path(ofArtifact: relative) else {
            throw .refused(FailureWords.badName(relative.shownLine()))
        }
        return "\(client.build(number))/artifact/\(path)"
    }

    /// Asks for a file where Jenkins says that it lies. Credentials go to Jenkins alone; elsewhere (a store that it
    /// links to) only the guarded way leads.
    private func follow(
        _ request: HTTPRequest, at client: JenkinsClient,
        _ send: (HTTPRequest) async throws(HTTPFailure) -> HTTPAnswer
    ) async throws(RemoteFault) -> HTTPAnswer {
        var url = request.url
        for _ in 0...Self.mostRedirects {
            var asked = client.request(request.method, url)
            asked.timeLimit = request.timeLimit
            if !Self.isSameServer(url, client.base) {
                asked.headers = []
                asked.reach = .guarded
            }
            let answer: HTTPAnswer
            do throws(HTTPFailure) {
                answer = try await send(asked)
            } catch .tooLarge {
                throw .refused(FailureWords.unusableFile)
            } catch {
                throw api.fault(of: error, for: .reading)
            }
            if (200..<300).contains(answer.status) { return answer }
            guard (300..<400).contains(answer.status), let location = answer.headers["location"],
                let next = URL(string: location, relativeTo: URL(string: url))?.absoluteString
            else {
                if case .missing = api.fault(of: answer, for: .reading) { throw .refused(FailureWords.runGone) }
                throw api.fault(of: answer, for: .reading)
            }
            url = next
        }
        throw api.nonsense("Jenkins led a file's address in a circle", for: .reading)
    }

    private static func isSameServer(_ one: String, _ other: String) -> Bool {
        guard let one = URLComponents(string: one), let other = URLComponents(string: other) else { return false }
        return one.scheme?.lowercased() == other.scheme?.lowercased() && one.port == other.port
            && one.host?.lowercased() == other.host?.lowercased() && one.user == nil
    }
}

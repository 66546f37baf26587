import Curl
package import Domain

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
                let answer = try await client.files.ask(.head, try address(of: path, run, at: client))
                try expectFile(answer)
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
            let url = try address(of: relative, run, at: client)
            guard let answer = try await client.files.download(url, to: path, limit: limit) else {
                throw .refused(FailureWords.unusableFile)
            }
            try expectFile(answer)
        }
    }

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

    private func expectFile(_ answer: HTTPAnswer) throws(RemoteFault) {
        guard !(200..<300).contains(answer.status) else { return }
        let fault = api.fault(of: answer, for: .reading)
        if case .missing = fault { throw .refused(FailureWords.runGone) }
        throw fault
    }
}

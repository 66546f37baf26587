import Archives
package import Domain
import Logging

extension GitHubProvider {
    private static let mostArtifacts = 100
    /// Of all archives together where the recipe allows no more.
    private static let leastBudget: Int64 = 1 << 30

    package func listFiles(of run: Run, for order: BuildOrder) async -> ProviderAnswer<[ProducedFile]> {
        await remoteAnswer { () async throws(RemoteFault) -> [ProducedFile] in
            try await files(of: run, order).map { ProducedFile(name: $0.name, bytes: $0.bytes) }
        }
    }

    package func fetch(
        _ file: ProducedFile, of run: Run, for order: BuildOrder, to path: String, limit: Int64
    ) async -> ProviderAnswer<Void> {
        await remoteAnswer { () async throws(RemoteFault) in
            guard let found = try await files(of: run, order).first(where: { $0.name == file.name }) else {
                throw .refused(FailureWords.runGone)
            }
            switch found.place {
            case .asset(let id):
                let api = try api(order, run.attempt)
                try await GitHubDownload(api: api).take(
                    "\(api.repository)/releases/assets/\(id)", accept: "application/octet-stream", to: path,
                    limit: limit)
            case .entry(let name, let archive):
                // The archive was looked through whole: its sizes are true.
                guard found.bytes <= limit else { throw .refused(FailureWords.unusableFile) }
                try await extract(name, archive, to: path)
            }
        }
    }

    /// What the run left, found once and kept until the attempt is cleaned up.
    private func files(of run: Run, _ order: BuildOrder) async throws(RemoteFault) -> [GitHubFile] {
        if let known = memory.notes(of: run.attempt).files { return known }
        let api = try api(order, run.attempt)
        let files =
            if let tag = api.settings.releaseTag {
                try await assets(
                    of: tag.text(JobValues(order, as: run.attempt, links: tools.links)), api)
            } else {
                try await artifacts(of: run, order, api)
            }
        memory.note(run.attempt) { $0.files = files }
        return files
    }

    private func assets(of tag: String, _ api: GitHubAPI) async throws(RemoteFault) -> [GitHubFile] {
        let release: GitHubAnswers.Release
        do throws(RemoteFault) {
            release = try await api.get(
                GitHubAnswers.Release.self, "\(api.repository)/releases/tags/\(tag.percentEncoded)")
        } catch .missing {
            throw .refusedUntil(after: RemoteAPI.pauseForServer, reason: "GitHub has no release \(tag) yet")
        }
        guard release.assets.allSatisfy({ $0.state == "uploaded" }) else {
            throw .refusedUntil(after: .seconds(5), reason: "a file of the release \(tag) is still being sent")
        }
        return release.assets.map { GitHubFile(name: $0.name, bytes: $0.size, place: .asset($0.id)) }
    }

    private func artifacts(
        of run: Run, _ order: BuildOrder, _ api: GitHubAPI
    ) async throws(RemoteFault) -> [GitHubFile] {
        let listed: [GitHubAnswers.Artifact]
        do throws(RemoteFault) {
            let path = "\(api.repository)/actions/runs/\(run.id)/artifacts?per_page=\(Self.mostArtifacts)"
            listed = try await api.get(GitHubAnswers.Artifacts.self, path).artifacts
        } catch .missing {
            throw .refused(FailureWords.runGone)
        }
        // A run that was done again has those of both times: the newest counts.
        let newest = Dictionary(listed.filter { !$0.isExpired }.map { ($0.name, $0) }) { $0.id > $1.id ? $0 : $1 }
        let folder = "\(folder(of: run.attempt))/artifacts"
        try await onDisk { () throws(FileFault) in
            try FolderWork.remove(folder)
            try FolderWork.make(folder, mode: 0o700)
        }
        var budget = max(
            Self.leastBudget, order.recipe.build.limits.output, order.recipe.artifacts.map(\.maxBytes).max() ?? 0)
        var archives: [(artifact: String, path: String, entries: [(name: String, bytes: Int64)])] = []
        for artifact in newest.values.sorted(by: { $0.name < $1.name }) {
            let path = "\(folder)/\(artifact.id).zip"
            guard artifact.bytes <= budget else { throw .refused(FailureWords.unusableFile) }
            try await GitHubDownload(api: api).take(
                "\(api.repository)/actions/artifacts/\(artifact.id)/zip", to: path, limit: budget)
            let (entries, unpacked) = try await look(into: path, artifact.name, budget)
            // An archive can be much larger than what it holds, and lies here while the others are fetched (P6).
            budget -= max(unpacked, try await size(of: path))
            archives.append((artifact.name, path, entries))
        }
        return GitHubFile.list(archives)
    }

    private func size(of path: String) async throws(RemoteFault) -> Int64 {
        do throws(FileFault) {
            return try await Blocking.run { () throws(FileFault) in try FileWork.size(of: path) }
        } catch {
            throw Self.fault(of: error)
        }
    }

    private func look(
        into path: String, _ artifact: String, _ budget: Int64
    ) async throws(RemoteFault) -> (entries: [(name: String, bytes: Int64)], unpacked: Int64) {
        do throws(ArchiveError) {
            let summary = try await inspector.walk(fileAt: path, format: .zip, limits: Self.limits(budget))
            return (
                summary.entries.filter { !$0.isDirectory }.map { ($0.name, $0.bytes) }, summary.unpackedBytes
            )
        } catch .refused(.empty) {
            return ([], 0)
        } catch {
            throw fault(of: error, artifact)
        }
    }

    private func extract(
        _ name: String, _ archive: String, to path: String
    ) async throws(RemoteFault) {
        do throws(ArchiveError) {
            _ = try await inspector.extractEntry(
                named: name, fileAt: archive, format: .zip, limits: Self.limits(.max), to: path)
        } catch {
            throw fault(of: error, name)
        }
    }

    private static func limits(_ bytes: Int64) -> ArchiveLimits {
        ArchiveLimits(maxEntries: 10_000, maxUnpackedBytes: bytes, maxEntryBytes: bytes)
    }

    private func fault(of error: ArchiveError, _ name: String) -> RemoteFault {
        switch error {
        case .refused(let refusal):
            tools.logger.warning(
                "what a run left cannot be used", metadata: ["name": "\(name)", "reason": "\(refusal.message)"])
            return .refused(FailureWords.unusableFile)
        case .cancelled, .io:
            return .refusedUntil(after: RemoteAPI.pauseForServer, reason: "the archive \(name): \(error)")
        }
    }
}

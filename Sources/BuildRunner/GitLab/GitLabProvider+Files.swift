package import Domain

extension GitLabProvider {
    package func listFiles(of run: Run, for order: BuildOrder) async -> ProviderAnswer<[ProducedFile]> {
        await remoteAnswer { () throws(RemoteFault) in
            let calls = try calls(order)
            if calls.settings.releaseTag != nil {
                return await calls.forge.measured(try await releaseFiles(run, order, calls))
            }
            return try await archivedFiles(run, order, calls)
        }
    }

    package func fetch(
        _ file: ProducedFile, of run: Run, for order: BuildOrder, to path: String, limit: Int64
    ) async -> ProviderAnswer<Void> {
        await remoteAnswer { () throws(RemoteFault) in
            let calls = try calls(order)
            if calls.settings.releaseTag != nil {
                guard let found = try await releaseFiles(run, order, calls).first(where: { $0.name == file.name })
                else { throw .refused(FailureWords.unusableFile) }
                return try await calls.forge.fetch(found, to: path, limit: limit)
            }
            if try await archives.take(file.name, of: run.attempt, order: order, to: path, limit: limit) { return }
            // The archives went with the process that had fetched them.
            _ = try await archivedFiles(run, order, calls)
            guard try await archives.take(file.name, of: run.attempt, order: order, to: path, limit: limit) else {
                throw .refused(FailureWords.unusableFile)
            }
        }
    }

    private func archivedFiles(
        _ run: Run, _ order: BuildOrder, _ calls: GitLabCalls
    ) async throws(RemoteFault) -> [ProducedFile] {
        let sight = GitLabSight(pipeline: try await calls.pipeline(run.id), jobs: try await calls.jobs(of: run.id))
        let found = sight.current.compactMap { job in
            job.archiveBytes.map { bytes in
                ArchivedFiles.Archive(id: job.id, url: calls.archiveURL(of: job), bytes: bytes)
            }
        }
        return try await archives.list(found, of: order, run.attempt, calls.forge)
    }

    /// A release that is not there has no files.
    private func releaseFiles(
        _ run: Run, _ order: BuildOrder, _ calls: GitLabCalls
    ) async throws(RemoteFault) -> [ReleaseFile] {
        guard let template = calls.settings.releaseTag else { return [] }
        let tag = template.text(JobValues(order, as: run.attempt, links: tools.links))
        do throws(RemoteFault) {
            let links = try await calls.release(tag).assets?.links ?? []
            return links.map { ReleaseFile(name: $0.name, url: $0.direct_asset_url ?? $0.url, bytes: nil) }
        } catch .missing {
            return []
        }
    }
}

package import Domain

extension GiteaProvider {
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
        _ run: Run, _ order: BuildOrder, _ calls: GiteaCalls
    ) async throws(RemoteFault) -> [ProducedFile] {
        let found = try await calls.artifacts(of: run.id).filter { $0.expired != true }.sorted { $0.id < $1.id }
        // Their sizes may be those of the files in them, so that only what comes is counted.
        let archives = found.map {
            ArchivedFiles.Archive(id: $0.id, url: calls.archiveURL(of: $0), bytes: nil)
        }
        return try await self.archives.list(archives, of: order, run.attempt, calls.forge)
    }

    /// A release that is not there has no files.
    private func releaseFiles(
        _ run: Run, _ order: BuildOrder, _ calls: GiteaCalls
    ) async throws(RemoteFault) -> [ReleaseFile] {
        guard let template = calls.settings.releaseTag else { return [] }
        let tag = template.text(JobValues(order, as: run.attempt, links: tools.links))
        do throws(RemoteFault) {
            let assets = try await calls.release(tag).assets ?? []
            return assets.map { ReleaseFile(name: $0.name, url: $0.browser_download_url, bytes: $0.size) }
        } catch .missing {
            return []
        }
    }
}

import Domain

/// Files that a run published with a release.
struct ReleaseFile: Hashable, Sendable {
    var name: String
    var url: String
    /// `nil` if the forge does not say.
    var bytes: Int64?
}

extension ForgeCalls {
    /// Sizes that the forge does not tell are asked of the files' own hosts, where these tell them.
    func measured(_ files: [ReleaseFile]) async -> [ProducedFile] {
        var produced: [ProducedFile] = []
        for file in files {
            let bytes: Int64
            if let known = file.bytes { bytes = known } else { bytes = await size(of: file.url) ?? 0 }
            produced.append(ProducedFile(name: file.name, bytes: bytes))
        }
        return produced
    }

    /// Writes a release's file to `path`.
    func fetch(_ file: ReleaseFile, to path: String, limit: Int64) async throws(RemoteFault) {
        guard try await download(file.url, to: path, limit: limit) != nil else {
            throw .refused(FailureWords.tooLarge(file.name, limit + 1, limit: limit))
        }
    }
}

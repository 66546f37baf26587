import Domain

extension GitHubProvider {
    private static let pageSize = 100
    /// GitHub itself lists no more than 1,000 runs of a search.
    private static let mostPages = 10
    /// How far GitHub's clock may be behind ours.
    private static let clockDifference = Duration.seconds(600)

    /// The run whose name holds the attempt's key; the first of them, should a person have started another one with it.
    func search(_ attempt: Attempt, _ order: BuildOrder, _ api: GitHubAPI) async throws(RemoteFault) -> Run? {
        let since = String("\(order.build.createdAt - Self.clockDifference)".prefix(19)) + "Z"
        var query = "created=\(">=\(since)".percentEncoded)&per_page=\(Self.pageSize)"
        let list: String
        switch api.settings.trigger {
        case .workflow(let workflow):
            list = "\(api.repository)/actions/workflows/\(workflow.percentEncoded)/runs"
            query += "&event=workflow_dispatch"
            if let branch = Self.branch(api.settings.ref) { query += "&branch=\(branch.percentEncoded)" }
        case .repository:
            // Always of the default branch, whose name is not known here.
            list = "\(api.repository)/actions/runs"
            query += "&event=repository_dispatch"
        }
        var found: GitHubAnswers.Run?
        for page in 1...Self.mostPages {
            let runs = try await self.page("\(list)?\(query)&page=\(page)", api)
            for run in runs where AttemptKey.stands(attempt.publicKey, in: run.title ?? run.name ?? "") {
                if run.id <= found?.id ?? .max { found = run }
            }
            if runs.count < Self.pageSize { return found.map { take(String($0.id), $0.page, attempt) } }
        }
        guard let found else {
            throw .refusedUntil(
                after: RemoteAPI.pauseForOperator,
                reason: "GitHub lists more than \(Self.mostPages * Self.pageSize) runs since the build was accepted")
        }
        return take(String(found.id), found.page, attempt)
    }

    private func page(_ path: String, _ api: GitHubAPI) async throws(RemoteFault) -> [GitHubAnswers.Run] {
        try await api.get(GitHubAnswers.Runs.self, path).runs
    }

    /// `nil` for a full name of something else: runs are filtered by the branch's plain name.
    private static func branch(_ ref: String) -> String? {
        if ref.hasPrefix("refs/heads/") { return String(ref.dropFirst("refs/heads/".count)) }
        return ref.hasPrefix("refs/") ? nil : ref
    }
}

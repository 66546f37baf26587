package import Domain
import Logging

extension GitHubProvider {
    package func observe(_ run: Run, for order: BuildOrder) async -> ProviderAnswer<Observation> {
        await remoteAnswer { () async throws(RemoteFault) -> Observation in
            let api = try api(order, run.attempt)
            guard let id = Int64(run.id) else { return Observation(status: .lost(reason: "no run has this id")) }
            let path = "\(api.repository)/actions/runs/\(id)"
            let seen: GitHubAnswers.Run
            do throws(RemoteFault) {
                seen = try await api.get(GitHubAnswers.Run.self, path, for: run.attempt)
            } catch .missing(let reason) {
                return Observation(status: .lost(reason: reason))
            }
            let better = run.url == nil && seen.page != nil ? take(run.id, seen.page, run.attempt) : nil
            let status = seen.observed
            guard status.isEnd else {
                // Somebody may have had an ended run done again.
                memory.note(run.attempt) { $0.endedAt = nil }
                return Observation(status: status, phase: await phase(seen, path, run.attempt, api), run: better)
            }
            let now = tools.clock.now()
            memory.note(run.attempt) { $0.endedAt = $0.endedAt ?? now }
            try await takeLog(of: run, seen, api)
            memory.note(run.attempt) { $0.kept = [:] }
            return Observation(status: status, run: better)
        }
    }

    /// What the run's jobs do; a phase that cannot be had now is no reason to know less of the run.
    private func phase(
        _ run: GitHubAnswers.Run, _ path: String, _ attempt: Attempt, _ api: GitHubAPI
    ) async -> Phase? {
        if run.status == "waiting" { return Phase(label: "Waiting for approval at GitHub", percent: nil) }
        guard run.observed == .running else { return nil }
        do throws(RemoteFault) {
            let path = "\(path)/jobs?filter=latest&per_page=100"
            return GitHubPhase.of(try await api.get(GitHubAnswers.Jobs.self, path, for: attempt).jobs)
        } catch {
            tools.logger.debug(
                "the jobs of a run could not be listed", metadata: ["run": "\(run.id)", "reason": "\(error)"])
            return nil
        }
    }
}

extension GitHubAnswers.Run {
    /// GitHub's status and conclusion as Kiln's.
    var observed: Observation.Status {
        switch status {
        case "queued", "waiting", "pending", "requested": return .waiting
        case "completed": break
        default: return .running
        }
        switch conclusion {
        case "success", "neutral": return .succeeded
        case "failure":
            return .failed(Failure(kind: .build, message: "The build ended with an error."))
        case "timed_out":
            return .failed(
                Failure(kind: .timeout, message: "The build took longer than the build system allows."))
        case "cancelled": return .cancelled
        case "skipped":
            return .failed(Failure(kind: .build, message: "The build system left out every step of the build."))
        case "stale": return .lost(reason: "GitHub gave the run up")
        case "action_required":
            return .failed(
                Failure(
                    kind: .infrastructure,
                    message: "The build system wants somebody's approval. The operator of this server can give it."))
        case "startup_failure":
            // The workflow file is wrong, or there was nothing to run it on.
            return .failed(FailureWords.notStartable)
        default:
            return .failed(
                Failure(kind: .infrastructure, message: "The build system ended the build without saying how."))
        }
    }
}

/// What a run's jobs and steps say about where it is.
enum GitHubPhase {
    private static let longestLabel = 120

    /// `job / step` of the first one at work; percent as the mean of what each job has done.
    static func of(_ jobs: [GitHubAnswers.Job]) -> Phase? {
        guard let job = jobs.first(where: { $0.status == "in_progress" }) else { return nil }
        let step = job.steps?.first { $0.status == "in_progress" }
        let done = jobs.map(share).reduce(0, +) / Double(jobs.count)
        return Phase(
            label: (step.map { "\(job.name) / \($0.name)" } ?? job.name).shownLine(limit: longestLabel),
            percent: min(99, Int(done * 100)))
    }

    private static func share(_ job: GitHubAnswers.Job) -> Double {
        if job.status == "completed" { return 1 }
        guard let steps = job.steps, !steps.isEmpty else { return 0 }
        return Double(steps.count { $0.status == "completed" }) / Double(steps.count)
    }
}

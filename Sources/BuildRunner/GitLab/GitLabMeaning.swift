import Domain

/// A pipeline and its jobs, read.
struct GitLabSight: Sendable {
    var pipeline: GitLabPipeline
    /// All of them, retried ones included.
    var jobs: [GitLabJob]

    /// The newest try of each job, in the order of the pipeline.
    var current: [GitLabJob] {
        var newest: [String: GitLabJob] = [:]
        for job in jobs {
            let name = "\(job.stage)/\(job.name)"
            if newest[name].map({ $0.id < job.id }) ?? true { newest[name] = job }
        }
        return newest.values.sorted { $0.id < $1.id }
    }

    /// Jobs that have begun, in the order in which they did.
    var begun: [GitLabJob] {
        jobs.compactMap { job in job.started_at.flatMap { Timestamp(rfc3339: $0) }.map { (job, $0) } }
            .sorted { ($0.1, $0.0.id) < ($1.1, $1.0.id) }
            .map(\.0)
    }

    var status: Observation.Status {
        switch pipeline.status {
        case "success": .succeeded
        case "failed": .failed(failure)
        case "canceled", "canceling": pipeline.status == "canceled" ? .cancelled : .running
        case "skipped": .failed(ForgeWords.nothingRan)
        case "manual": .failed(ForgeWords.waitsForPerson)
        case "running": .running
        default:
            // created, waiting_for_resource, preparing, pending, scheduled, and what newer servers may add.
            begun.isEmpty ? .waiting : .running
        }
    }

    var phase: Phase? {
        let counted = current.filter { !["manual", "skipped"].contains($0.status) }
        guard let job = counted.first(where: { $0.status == "running" }) ?? counted.first(where: { !$0.isEnded })
        else { return nil }
        let ended = counted.count(where: \.isEnded)
        return Phase(
            label: "\(job.stage.shownLine()) / \(job.name.shownLine())",
            percent: ended * 100 / max(counted.count, 1))
    }

    private var failure: Failure {
        if let words = pipeline.yaml_errors, !words.isEmpty { return ForgeWords.wrongJobFile }
        guard let job = current.first(where: { $0.status == "failed" && $0.allow_failure != true }) else {
            return ForgeWords.failed(job: nil)
        }
        switch job.failure_reason {
        case "job_execution_timeout":
            return ForgeWords.tooLong(job: job.name)
        case "runner_system_failure", "stuck_or_timeout_failure", "stale_schedule", "scheduler_failure",
            "data_integrity_failure", "api_failure", "runner_unsupported", "ci_quota_exceeded", "no_matching_runner",
            "runner_provisioning_timeout":
            return ForgeWords.broke(job: job.name)
        default:
            return ForgeWords.failed(job: job.name)
        }
    }
}

extension GitLabJob {
    var isEnded: Bool { ["success", "failed", "canceled", "skipped"].contains(status) }

    /// Bytes of its archive; `nil` if it left none. Reports are no archive.
    var archiveBytes: Int64? {
        if let archive = artifacts?.first(where: { $0.file_type == "archive" }) { return archive.size ?? 0 }
        return artifacts == nil ? artifacts_file?.size : nil
    }
}

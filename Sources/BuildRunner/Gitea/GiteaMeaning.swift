import Domain

/// How a run or a job goes, whichever words its server has for it.
enum GiteaProgress: Hashable, Sendable {
    case waiting, running, succeeded, failed, cancelled, skipped

    init(status: String, conclusion: String?) {
        switch status {
        case "in_progress", "running": self = .running
        case "completed": self = Self(end: conclusion ?? "")
        case "success", "failure", "cancelled", "skipped": self = Self(end: status)
        default:
            // queued, waiting, pending, requested, blocked, unknown, and what newer servers may add.
            self = .waiting
        }
    }

    private init(end: String) {
        switch end {
        case "success": self = .succeeded
        case "cancelled": self = .cancelled
        case "skipped": self = .skipped
        default: self = .failed
        }
    }

    var isEnd: Bool {
        switch self {
        case .waiting, .running: false
        case .succeeded, .failed, .cancelled, .skipped: true
        }
    }
}

/// A run and its jobs, read.
struct GiteaSight: Sendable {
    var run: GiteaRun
    var jobs: [GiteaJob]

    var progress: GiteaProgress { run.progress }

    /// Jobs that have begun, in the order in which they did.
    var begun: [GiteaJob] {
        jobs.filter(\.hasBegun)
            .sorted { ($0.beganAt, $0.task_id ?? 0, $0.id) < ($1.beganAt, $1.task_id ?? 0, $1.id) }
    }

    var status: Observation.Status {
        switch progress {
        case .waiting: begun.isEmpty ? .waiting : .running
        case .running: .running
        case .succeeded: .succeeded
        case .failed: .failed(ForgeWords.failed(job: jobs.first { $0.progress == .failed }?.name))
        case .cancelled: .cancelled
        case .skipped: .failed(ForgeWords.nothingRan)
        }
    }

    var phase: Phase? {
        guard let job = jobs.first(where: { $0.progress == .running }) ?? jobs.first(where: { !$0.progress.isEnd })
        else { return nil }
        let step = job.steps?.first { ["in_progress", "running"].contains($0.status) }
        let label = job.name.shownLine() + (step.map { " / \($0.name.shownLine())" } ?? "")
        return Phase(label: label, percent: jobs.count(where: \.progress.isEnd) * 100 / max(jobs.count, 1))
    }
}

extension GiteaRun {
    var progress: GiteaProgress { GiteaProgress(status: status, conclusion: conclusion) }
    var beganAt: Timestamp? { [started_at, started].lazy.compactMap { $0.flatMap { Timestamp(rfc3339: $0) } }.first }
}

extension GiteaJob {
    var progress: GiteaProgress { GiteaProgress(status: status, conclusion: conclusion) }

    /// One try of the job: its id stays when it is done again.
    var key: String { "\(id)-\(run_attempt ?? attempt ?? 1)" }

    fileprivate var hasBegun: Bool {
        guard progress != .waiting, progress != .skipped else { return false }
        return startedAt != nil || (task_id ?? 0) > 0
    }

    fileprivate var beganAt: Timestamp { startedAt ?? Timestamp(milliseconds: 0) }

    private var startedAt: Timestamp? { started_at.flatMap { Timestamp(rfc3339: $0) } }
}

import Domain

/// What Gitea and Forgejo answer, as far as Kiln reads it. They name some things differently; both are understood.
struct GiteaRun: Decodable, Sendable {
    var id: Int64
    var status: String
    /// Gitea: how a completed run ended. Forgejo says it in `status`.
    var conclusion: String?
    var event: String?
    var html_url: String?
    /// Gitea and Forgejo: the run's name, made by the workflow's `run-name`.
    var display_title: String?
    var title: String?
    /// Gitea and Forgejo: when it began.
    var started_at: String?
    var started: String?

    /// Whether its name shows an attempt's key, and not a longer one.
    func shows(_ key: String) -> Bool {
        [display_title, title].contains { $0.map { AttemptKey.stands(key, in: $0) } ?? false }
    }
}

struct GiteaRuns: Decodable, Sendable {
    var workflow_runs: [GiteaRun]?
}

struct GiteaJob: Decodable, Sendable {
    var id: Int64
    var name: String
    var status: String
    var conclusion: String?
    var started_at: String?
    var run_attempt: Int64?
    /// Forgejo: which try this is, and what its runner does; 0 before a runner has it.
    var attempt: Int64?
    var task_id: Int64?
    var steps: [GiteaStep]?
}

struct GiteaStep: Decodable, Sendable {
    var name: String
    var status: String
}

/// Gitea wraps lists, Forgejo does not.
struct GiteaJobs: Decodable, Sendable {
    var jobs: [GiteaJob]

    private enum Key: String, CodingKey { case jobs }

    init(from decoder: any Decoder) throws {
        if let plain = try? decoder.singleValueContainer().decode([GiteaJob].self) {
            jobs = plain
        } else {
            jobs = try decoder.container(keyedBy: Key.self).decodeIfPresent([GiteaJob].self, forKey: .jobs) ?? []
        }
    }
}

struct GiteaArtifact: Decodable, Sendable {
    var id: Int64
    var size_in_bytes: Int64?
    var expired: Bool?
}

struct GiteaArtifacts: Decodable, Sendable {
    var artifacts: [GiteaArtifact]

    private enum Key: String, CodingKey { case artifacts }

    init(from decoder: any Decoder) throws {
        if let plain = try? decoder.singleValueContainer().decode([GiteaArtifact].self) {
            artifacts = plain
        } else {
            artifacts =
                try decoder.container(keyedBy: Key.self).decodeIfPresent([GiteaArtifact].self, forKey: .artifacts)
                ?? []
        }
    }
}

/// The answer to a dispatch that tells which run it made.
struct GiteaRunDetails: Decodable, Sendable {
    var workflow_run_id: Int64
    var html_url: String?
}

struct GiteaRelease: Decodable, Sendable {
    struct Asset: Decodable, Sendable {
        var name: String
        var size: Int64?
        var browser_download_url: String
    }

    var assets: [Asset]?
}

struct GiteaRepository: Decodable, Sendable {
    struct Permissions: Decodable, Sendable {
        var push: Bool?
    }

    var full_name: String?
    var has_actions: Bool?
    var archived: Bool?
    var permissions: Permissions?
}

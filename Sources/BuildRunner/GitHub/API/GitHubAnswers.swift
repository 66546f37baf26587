/// What Kiln reads of GitHub's answers (REST API 2022-11-28); everything else in them is passed over.
enum GitHubAnswers {
    /// A dispatch with `return_run_details`.
    struct Dispatched: Decodable {
        var runID: Int64
        var page: String?

        enum CodingKeys: String, CodingKey {
            case runID = "workflow_run_id"
            case page = "html_url"
        }
    }

    struct Run: Decodable, Hashable, Sendable {
        var id: Int64
        /// The workflow's name, or its `run-name` on servers that have no `display_title`.
        var name: String?
        var title: String?
        var status: String?
        var conclusion: String?
        var page: String?

        enum CodingKeys: String, CodingKey {
            case id, name, status, conclusion
            case title = "display_title"
            case page = "html_url"
        }
    }

    struct Runs: Decodable, Sendable {
        var runs: [Run]

        enum CodingKeys: String, CodingKey {
            case runs = "workflow_runs"
        }
    }

    struct Job: Decodable, Hashable, Sendable {
        struct Step: Decodable, Hashable, Sendable {
            var name: String
            var status: String
        }

        var name: String
        var status: String
        var steps: [Step]?
    }

    struct Jobs: Decodable, Sendable {
        var jobs: [Job]
    }

    struct Artifact: Decodable, Hashable, Sendable {
        var id: Int64
        var name: String
        var bytes: Int64
        var isExpired: Bool

        enum CodingKeys: String, CodingKey {
            case id, name
            case bytes = "size_in_bytes"
            case isExpired = "expired"
        }
    }

    struct Artifacts: Decodable, Sendable {
        var artifacts: [Artifact]
    }

    struct Release: Decodable, Sendable {
        struct Asset: Decodable, Hashable, Sendable {
            var id: Int64
            var name: String
            var size: Int64
            /// `uploaded`, or `open` while it is sent.
            var state: String
        }

        var assets: [Asset]
    }

    struct InstallationToken: Decodable {
        var token: String
        /// RFC 3339.
        var end: String
        var permissions: [String: String]?

        enum CodingKeys: String, CodingKey {
            case token, permissions
            case end = "expires_at"
        }
    }

    struct Repository: Decodable, Sendable {
        var permissions: [String: Bool]?
        var isArchived: Bool?

        enum CodingKeys: String, CodingKey {
            case permissions
            case isArchived = "archived"
        }
    }

    struct Workflow: Decodable, Sendable {
        var state: String
        var path: String
    }
}

/// What is sent to Travis' API version 3.
struct TravisRequestBody: Encodable {
    struct Request: Encodable {
        struct Config: Encodable {
            struct Environment: Encodable {
                /// For all jobs, after those of the repository's own file, so that these count.
                var global: [String]
            }

            var env: Environment
        }

        /// Shown instead of the commit's; carries the attempt's key.
        var message: String
        var branch: String
        var mergeMode = "deep_merge_append"
        var config: Config

        private enum CodingKeys: String, CodingKey {
            case message, branch, config
            case mergeMode = "merge_mode"
        }
    }

    var request: Request
}

/// Travis' JSON, as far as it is read.
enum TravisAnswers {
    struct Pending: Decodable {
        struct Request: Decodable {
            /// Absent on old versions.
            var id: Int64?
        }

        var request: Request
    }

    struct Commit: Decodable {
        var message: String?
    }

    struct Request: Decodable {
        struct Build: Decodable {
            var id: Int64
        }

        private enum CodingKeys: String, CodingKey {
            case id, state, result, message, commit, builds
            case eventType = "event_type"
            case createdAt = "created_at"
        }

        var id: Int64
        var state: String?
        var result: String?
        /// Why it was rejected.
        var message: String?
        var eventType: String?
        var createdAt: String?
        /// Absent until Travis has read the request.
        var commit: Commit?
        var builds: [Build]?
    }

    struct Requests: Decodable {
        var requests: [Request]
    }

    struct Job: Decodable {
        struct Stage: Decodable {
            var name: String?
        }

        var id: Int64
        var state: String?
        var stage: Stage?

        var hasEnded: Bool { ["passed", "failed", "errored", "canceled"].contains(state) }
    }

    struct Build: Decodable {
        var id: Int64
        var state: String
        var commit: Commit?
        var jobs: [Job]?
    }

    struct Builds: Decodable {
        var builds: [Build]
    }

    struct User: Decodable {
        var login: String
    }

    struct Repository: Decodable {
        struct Permissions: Decodable {
            private enum CodingKeys: String, CodingKey {
                case createRequest = "create_request"
            }

            var createRequest: Bool?
        }

        private enum CodingKeys: String, CodingKey {
            case active
            case permissions = "@permissions"
        }

        var active: Bool?
        var permissions: Permissions?
    }

    struct Branch: Decodable {
        private enum CodingKeys: String, CodingKey {
            case existsOnGitHub = "exists_on_github"
        }

        var existsOnGitHub: Bool?
    }

    struct Refusal: Decodable {
        private enum CodingKeys: String, CodingKey {
            case kind = "error_type"
            case message = "error_message"
            case mostRequests = "max_requests"
            case perSeconds = "per_seconds"
        }

        var kind: String?
        var message: String?
        var mostRequests: Int?
        var perSeconds: Int?
    }
}

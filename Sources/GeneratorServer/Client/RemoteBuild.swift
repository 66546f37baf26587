/// A build as the API describes it; the members that the command line uses.
struct RemoteBuild: Decodable, Sendable, Equatable {
    struct Phase: Decodable, Sendable, Equatable {
        var label: String
        var percent: Int?
    }

    struct Queue: Decodable, Sendable, Equatable {
        var position: Int
        var eta_seconds: Int?
    }

    struct Artifact: Decodable, Sendable, Equatable {
        var name: String
        var url: String
        var bytes: Int64
        var sha256: String
    }

    struct Failure: Decodable, Sendable, Equatable {
        var kind: String
        var message: String
        var log_url: String?
    }

    struct Links: Decodable, Sendable, Equatable {
        var page: String?
    }

    /// Another build of the same submission.
    struct Target: Decodable, Sendable, Equatable {
        var id: String
    }

    var id: String
    var state: String
    /// Which of the recipe's targets it makes.
    var target: String?
    /// All that were asked for together, this one included.
    var targets: [Target]?
    var phase: Phase?
    var queue: Queue?
    var artifacts: [Artifact]
    var failure: Failure?
    var links: Links

    var hasEnded: Bool { ["succeeded", "failed", "cancelled", "expired"].contains(state) }
}

/// An error answer (RFC 9457) as the API gives it.
struct RemoteProblem: Decodable, Sendable {
    struct FieldError: Decodable, Sendable {
        var field: String
        var message: String
    }

    var title: String?
    var detail: String?
    var errors: [FieldError]?
}

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

    /// One of the builds of a submission of several targets.
    struct Target: Decodable, Sendable, Equatable {
        var id: String
        var state: String

        var hasEnded: Bool { RemoteBuild.ends.contains(state) }
    }

    private static let ends: Set<String> = ["succeeded", "failed", "cancelled", "expired"]

    var id: String
    var state: String
    var target: String?
    /// All builds of the submission, this one among them; only of the one that leads them.
    var targets: [Target]?
    var phase: Phase?
    var queue: Queue?
    /// While it waits for somebody to confirm its address.
    var confirm_by: String?
    var artifacts: [Artifact]
    var failure: Failure?
    var links: Links

    var hasEnded: Bool { Self.ends.contains(state) && (targets ?? []).allSatisfy(\.hasEnded) }
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

/// A build as the API tells it; what the tests look at.
struct RemoteBuild: Decodable, Sendable {
    struct Phase: Decodable, Sendable {
        var label: String
        var percent: Int?
    }

    struct Artifact: Decodable, Sendable {
        var name: String
        var url: String
        var bytes: Int
        var sha256: String
        var content_type: String
    }

    struct Failure: Decodable, Sendable {
        var kind: String
        var message: String
    }

    struct Delivery: Decodable, Sendable {
        var to: String
        var status: String
        var attempts: Int
        var last_error: String?
    }

    struct Run: Decodable, Sendable {
        var provider: String
        var id: String
    }

    var id: String
    var recipe: String
    var state: String
    var phase: Phase?
    var artifacts: [Artifact]
    var failure: Failure?
    var deliveries: [Delivery]
    var run: Run?

    var hasEnded: Bool { ["succeeded", "failed", "cancelled", "expired"].contains(state) }
    /// Ended, and its mail is out.
    var isTold: Bool { hasEnded && !deliveries.isEmpty && deliveries.allSatisfy { $0.status == "accepted" } }
}

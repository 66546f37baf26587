import Domain

/// A build with what its row keeps for the workers: the rules' input and output, free of any database.
struct StoredBuild: Hashable, Sendable {
    var build: Build
    var retention: Duration
    /// When it went into the queue last.
    var queuedAt: Timestamp
    /// When a worker should look at it; `nil` once it has ended.
    var nextActionAt: Timestamp?
    var lease: Lease?
    /// When something was heard of its run while somebody held it; the next look is due since then.
    var nudgedAt: Timestamp?

    struct Lease: Hashable, Sendable {
        var token: LeaseToken
        var expiresAt: Timestamp
    }
}

import Domain
import HTTPTypes

/// How one provider's webhooks are read. They decide nothing: a genuine one about a known run makes Kiln look at that run
/// now instead of at the next poll.
struct InboundWebhook: Sendable {
    /// What a webhook is about.
    struct Subject: Hashable, Sendable {
        /// The provider's own name for the run.
        var runID: String
    }

    /// The secrets that may have signed it: of every recipe that runs at this provider.
    var secrets: @Sendable () -> [String]
    /// Whether there is something in the head that could be a signature; asked before the body is read.
    var isSigned: @Sendable (_ headers: HTTPFields) -> Bool
    /// Whether the request is signed with this secret, told in constant time.
    var isGenuine: @Sendable (_ headers: HTTPFields, _ body: [UInt8], _ secret: String) -> Bool
    /// `nil`: it is about no run.
    var subject: @Sendable (_ headers: HTTPFields, _ body: [UInt8]) -> Subject?
}

package import Curl
package import Domain
package import Logging

/// What every remote provider works with.
package struct RemoteTools: Sendable {
    package var transfers: HTTPTransfers
    /// The value of a named secret; `nil` if the operator has given none.
    package var secret: @Sendable (SecretName) -> String?
    package var links: JobLinks
    package var clock: any WallClock
    /// A folder of this process for logs and archives on their way; emptied at start.
    package var scratch: String
    package var logger: Logger

    package init(
        transfers: HTTPTransfers, secret: @escaping @Sendable (SecretName) -> String?, links: JobLinks,
        clock: any WallClock, scratch: String, logger: Logger
    ) {
        self.transfers = transfers
        self.secret = secret
        self.links = links
        self.clock = clock
        self.scratch = scratch
        self.logger = logger
    }

    func parameters(of order: BuildOrder, as attempt: Attempt) -> JobParameters {
        JobParameters(order, as: attempt, links: links)
    }
}

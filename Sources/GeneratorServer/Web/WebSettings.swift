import Storage

/// What the web half reads of the configuration.
struct WebSettings: Sendable {
    var host: String
    /// 0: any free one (`WebServer.boundPort`).
    var port: Int
    /// The origin that people use, without a slash at the end.
    var publicURL: String
    /// Whether a peer with this network address may say, with `X-Forwarded-For`, whom it speaks for.
    var trustsProxy: @Sendable (_ address: String) -> Bool
    var maxConnections: Int
    /// Of one network address at once, but for those that `isExemptFromAddressLimit` names.
    var maxConnectionsPerAddress: Int { max(16, maxConnections / 8) }
    /// By default this machine itself and trusted proxies, which speak for many.
    var isExemptFromAddressLimit: @Sendable (_ address: String) -> Bool
    var connections: ConnectionLimits
    /// Of every submission, in one transaction with it.
    var accept: AcceptLimits
    /// Local builds under way at once, for expected times.
    var workers: Int
    /// Comment lines of event streams come this often.
    var heartbeat: Duration
    /// A health check's result is reused for so long.
    var healthAge: Duration
    var mail: MailSettings

    init(
        host: String = "127.0.0.1", port: Int = 8080, publicURL: String,
        trustsProxy: @escaping @Sendable (_ address: String) -> Bool = { _ in false }, maxConnections: Int = 4096,
        connections: ConnectionLimits = ConnectionLimits(),
        accept: AcceptLimits = AcceptLimits(waiting: 500, perSourcePerHour: nil, perAddressPerHour: nil),
        workers: Int = 1, heartbeat: Duration = .seconds(15), healthAge: Duration = .seconds(5),
        mail: MailSettings = MailSettings()
    ) {
        self.host = host
        self.port = port
        self.publicURL = publicURL
        self.trustsProxy = trustsProxy
        self.maxConnections = maxConnections
        isExemptFromAddressLimit = { ConnectionLedger.isLoopback($0) || trustsProxy($0) }
        self.connections = connections
        self.accept = accept
        self.workers = workers
        self.heartbeat = heartbeat
        self.healthAge = healthAge
        self.mail = mail
    }
}

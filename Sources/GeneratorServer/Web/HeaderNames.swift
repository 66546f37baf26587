import HTTPTypes

/// Names that swift-http-types does not have.
extension HTTPField.Name {
    static let xForwardedFor = named("X-Forwarded-For")
    static let secFetchSite = named("Sec-Fetch-Site")
    static let idempotencyKey = named("Idempotency-Key")
    static let lastEventID = named("Last-Event-ID")
    static let reprDigest = named("Repr-Digest")
    static let uploadOffset = named("Upload-Offset")
    static let uploadComplete = named("Upload-Complete")
    static let referrerPolicy = named("Referrer-Policy")
    static let permissionsPolicy = named("Permissions-Policy")
    static let crossOriginOpenerPolicy = named("Cross-Origin-Opener-Policy")
    static let crossOriginResourcePolicy = named("Cross-Origin-Resource-Policy")
    static let requestID = named("X-Request-ID")
    static let xAccelBuffering = named("X-Accel-Buffering")
    static let githubSignature = named("X-Hub-Signature-256")
    static let githubEvent = named("X-GitHub-Event")
    static let gitlabToken = named("X-Gitlab-Token")
    static let gitlabEvent = named("X-Gitlab-Event")
    static let giteaSignature = named("X-Gitea-Signature")
    static let giteaEvent = named("X-Gitea-Event")
    static let sendGridSignature = named("X-Twilio-Email-Event-Webhook-Signature")
    static let sendGridTimestamp = named("X-Twilio-Email-Event-Webhook-Timestamp")

    private static func named(_ name: StaticString) -> HTTPField.Name {
        guard let name = HTTPField.Name("\(name)") else {
            // The literals above are tokens because a test makes each of them.
            preconditionFailure("\(name) is no field name")
        }
        return name
    }
}

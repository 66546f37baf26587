package import Domain

/// Why a call to a CI came to nothing; becomes a `ProviderAnswer`.
enum RemoteFault: Error, Hashable, Sendable {
    case refused(Failure)
    case refusedUntil(after: Duration, reason: String)
    case unknown(reason: String)
    /// 404 or 410: what was asked for is not there. A provider says what that means; unsaid, the call is refused.
    case missing(reason: String)

    /// One line for an operator.
    var words: String {
        switch self {
        case .refused(let failure): failure.message
        case .refusedUntil(_, let reason), .unknown(let reason), .missing(let reason): reason
        }
    }

    /// The operator has not given a secret yet; builds wait for it.
    static func missing(secret: SecretName) -> RemoteFault {
        .refusedUntil(after: RemoteAPI.pauseForOperator, reason: secret.isMissing)
    }

    func answer<Value>() -> ProviderAnswer<Value> {
        switch self {
        case .refused(let failure): .refused(failure)
        case .refusedUntil(let pause, let reason): .refusedUntil(after: pause, reason: reason)
        case .unknown(let reason): .unknown(reason: reason)
        case .missing: .refused(FailureWords.notStartable)
        }
    }
}

extension SecretName {
    /// What is wrong without it, for an operator.
    package var isMissing: String { "the secret `\(text)` is not set" }
    /// Where it is looked for.
    package var place: String {
        "Set KILN_SECRET_\(text) and start Kiln anew, or put it into the file \(text) in `secrets.directory`."
    }
}

/// Runs a provider's call and says how it ended.
func remoteAnswer<Value: Sendable>(_ body: () async throws(RemoteFault) -> Value) async -> ProviderAnswer<Value> {
    do throws(RemoteFault) {
        return .done(try await body())
    } catch {
        return error.answer()
    }
}

package import Domain

/// How a call to a provider ended. Whatever goes wrong on the way is one of these; providers do not throw.
package enum ProviderAnswer<Value: Sendable>: Sendable {
    /// It happened, and this came of it.
    case done(Value)
    /// It will not happen, however often it is asked.
    case refused(Failure)
    /// Not now; to be asked again after the pause. The reason is for the operator's log.
    case refusedUntil(after: Duration, reason: String)
    /// Nobody knows whether it happened: to be found out before anything is sent again (P3).
    case unknown(reason: String)
}

extension ProviderAnswer: Equatable where Value: Equatable {}

extension ProviderAnswer {
    /// The same answer about something else.
    package func map<Other: Sendable>(_ transform: (Value) -> Other) -> ProviderAnswer<Other> {
        switch self {
        case .done(let value): .done(transform(value))
        case .refused(let failure): .refused(failure)
        case .refusedUntil(let pause, let reason): .refusedUntil(after: pause, reason: reason)
        case .unknown(let reason): .unknown(reason: reason)
        }
    }
}

/// What did not happen in time.
struct TimeIsUp: Error, CustomStringConvertible {
    let what: String
    let limit: Duration

    var description: String { "not within \(limit): \(what)" }
}

/// Asks again and again, for other processes tell nobody, until there is a value; every wait has an end.
func until<Value>(
    _ what: @autoclosure () -> String, within limit: Duration = .seconds(60), every pause: Duration = .milliseconds(20),
    _ look: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try await look() { return value }
        guard ContinuousClock.now < deadline else { throw TimeIsUp(what: what(), limit: limit) }
        try await Task.sleep(for: pause)
    }
}

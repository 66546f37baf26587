/// Looks again and again until something holds that tells nobody when it does; ends with the test's time limit.
func until(_ holds: @Sendable () async throws -> Bool) async throws {
    while try await !holds() {
        try Task.checkCancellation()
        await Task.yield()
    }
}

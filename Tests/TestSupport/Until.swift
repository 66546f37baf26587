/// Looks again and again until something holds that tells nobody when it does; ends with the test's time limit.
///
/// - Throws: `CancellationError`, and what looking throws.
package func until(
    isolation: isolated (any Actor)? = #isolation, _ holds: () async throws -> Bool
) async throws {
    var looks = 0
    while try await !holds() {
        try Task.checkCancellation()
        looks += 1
        // With a breath after the first looks: one that never rests takes the processors from what it waits for.
        if looks < 20 {
            await Task.yield()
        } else {
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}

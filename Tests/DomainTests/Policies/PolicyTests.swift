import Domain
import Testing

@Suite struct BackoffTests {
    @Test func `pauses double up to the cap and jitter only shortens them`() {
        let backoff = Backoff(first: .seconds(30), cap: .seconds(4 * 3600), jitter: 0.3)
        var random = SeededGenerator(state: 7)
        for (failures, whole) in [(1, 30), (2, 60), (3, 120), (9, 7680), (10, 14400), (1000, 14400)] {
            for _ in 0..<50 {
                let pause = backoff.pause(after: failures, using: &random)
                #expect(pause <= .seconds(whole))
                #expect(pause >= .milliseconds(whole * 699))
            }
        }
    }
}

@Suite struct ExpectedTimeTests {
    @Test func `without history nothing is promised`() {
        #expect(ExpectedTime(history: []).untilEnd(ahead: 0, workers: 1) == nil)
    }

    @Test func `the median of the history counts, and who stands ahead`() {
        let time = ExpectedTime(history: [.seconds(10), .seconds(1000), .seconds(8)])
        #expect(time.typical == .seconds(10))
        #expect(time.untilEnd(ahead: 0, workers: 2) == .seconds(10))
        #expect(time.untilEnd(ahead: 5, workers: 2) == .seconds(30))
        #expect(time.untilEnd(elapsed: .seconds(4)) == .seconds(6))
        #expect(time.untilEnd(elapsed: .seconds(40)) == .zero)
    }
}

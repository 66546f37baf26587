import Domain
import Testing

@testable import BuildRunner

struct CircuitTests {
    private static let start = Timestamp(milliseconds: 1_795_000_000_000)

    private func opened() -> Circuit {
        var circuit = Circuit(at: Self.start)
        for _ in 0..<Circuit.failuresToOpen { _ = circuit.note(.failed(reason: "503"), at: Self.start) }
        return circuit
    }

    @Test
    func `Only failures in a row open it`() {
        var circuit = Circuit(at: Self.start)
        for _ in 0..<10 {
            for _ in 0..<(Circuit.failuresToOpen - 1) {
                let changed = circuit.note(.failed(reason: "x"), at: Self.start)
                #expect(!changed)
            }
            let changed = circuit.note(.answered, at: Self.start)
            #expect(!changed && !circuit.isOpen)
        }
        #expect(circuit.permit(at: Self.start) == .granted)
        #expect(opened().isOpen && opened().reason == "503")
    }

    @Test
    func `After each pause one may ask, and the pauses grow to a minute`() {
        var circuit = opened()
        var now = Self.start
        var pauses: [Duration] = []
        for _ in 0..<5 {
            let retryAt = circuit.retryAt ?? now
            pauses.append(retryAt - now)
            #expect(circuit.permit(at: retryAt - .milliseconds(1)) == .refused(until: retryAt))
            now = retryAt
            #expect(circuit.permit(at: now) == .granted)
            #expect(circuit.permit(at: now) != .granted)
            let changed = circuit.note(.failed(reason: "still"), at: now)
            #expect(!changed)
        }
        #expect(pauses == [15, 30, 60, 60, 60].map { .seconds($0) })
    }

    @Test
    func `An answer closes it`() {
        var circuit = opened()
        let later = Self.start + .seconds(15)
        #expect(circuit.permit(at: later) == .granted)
        let changed = circuit.note(.answered, at: later)
        #expect(changed && !circuit.isOpen && circuit.since == later && circuit.retryAt == nil)
    }

    @Test
    func `Calls that began before it opened do not prolong it, and a trial without an end is none`() {
        var circuit = opened()
        let retryAt = circuit.retryAt
        _ = circuit.note(.failed(reason: "late"), at: Self.start + .seconds(1))
        #expect(circuit.retryAt == retryAt)
        #expect(circuit.permit(at: Self.start + .seconds(15)) == .granted)
        #expect(circuit.permit(at: Self.start + .seconds(75)) == .granted)
    }

    @Test
    func `A recipe that the provider refuses for its own settings closes the way of no other recipe (P2)`() {
        let good = WebhookSettings(url: "https://ci.example.org/hook", secret: SecretName("GOOD"))
        let expired = WebhookSettings(url: "https://ci.example.org/hook", secret: SecretName("EXPIRED"))
        #expect(CircuitKey(.webhook(good)) != CircuitKey(.webhook(expired)))
        #expect(CircuitKey(.webhook(good)) == CircuitKey(.webhook(good)))
    }

    @Test
    func `A circuit is of one address, which holds no password and no path (P7)`() {
        #expect(CircuitKey(.local) == nil)
        #expect(CircuitKey(.sampleWebhook)?.address == "https://ci.example.org")
        #expect(CircuitKey(.sampleBuildbot)?.address == "http://bot.example.org:8010")
    }
}

struct PollPlanTests {
    private var generator = SystemRandomNumberGenerator()

    @Test
    func `Looks grow rarer while nothing changes, and come as often as before when something does`() {
        var generator = generator
        var plan = PollPlan(interval: .seconds(10), expected: nil)
        func pause(isWaiting: Bool = false) -> Duration {
            plan.pause(elapsed: .seconds(5), isWaiting: isWaiting, using: &generator)
        }
        #expect((.seconds(9)...(.seconds(11))).contains(pause()))
        for _ in 0..<100 { plan.note(changed: false) }
        #expect((.seconds(36)...(.seconds(44))).contains(pause()))
        #expect((.seconds(36)...(.seconds(44))).contains(pause(isWaiting: true)))
        plan.note(changed: true)
        #expect((.seconds(9)...(.seconds(11))).contains(pause()))
    }

    @Test
    func `Looks are frequent around the time at which builds usually end`() {
        var generator = generator
        var plan = PollPlan(interval: .seconds(10), expected: .seconds(600))
        for _ in 0..<100 { plan.note(changed: false) }
        func pause(_ elapsed: Int) -> Duration {
            plan.pause(elapsed: .seconds(elapsed), isWaiting: false, using: &generator)
        }
        #expect(pause(100) > .seconds(30))
        for elapsed in [515, 600, 685] {
            #expect((.milliseconds(4500)...(.milliseconds(5500))).contains(pause(elapsed)))
        }
        #expect(pause(700) > .seconds(30))
    }

    @Test(arguments: [1, 15, 60, 600])
    func `No interval is above a minute or below a second`(seconds: Int) {
        var generator = generator
        var plan = PollPlan(interval: .seconds(seconds), expected: .seconds(100))
        for unchanged in 0..<100 {
            let pause = plan.pause(elapsed: .seconds(unchanged * 3), isWaiting: false, using: &generator)
            #expect((.seconds(1)...(.seconds(60))).contains(pause))
            plan.note(changed: false)
        }
    }
}

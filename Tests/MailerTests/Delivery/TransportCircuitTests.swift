import Domain
import Testing

@testable import Mailer

@Suite struct TransportCircuitTests {
    private let start = Timestamp(milliseconds: 1_795_000_000_000)

    private func down() -> TransportCircuit {
        var circuit = TransportCircuit(at: start)
        for _ in 1...3 { circuit.failed("refused", after: nil, at: start) }
        return circuit
    }

    @Test func `two failures in a row are not a transport that is down, three are`() {
        var circuit = TransportCircuit(at: start)
        circuit.failed("refused", after: nil, at: start)
        circuit.failed("refused", after: nil, at: start)
        #expect(!circuit.isDown && circuit.places == nil)
        circuit.answered(at: start)
        circuit.failed("refused", after: nil, at: start)
        circuit.failed("refused", after: nil, at: start)
        #expect(!circuit.isDown, "an answer between them")
        circuit.failed("no route", after: nil, at: start + .seconds(1))
        #expect(circuit.isDown && circuit.places == 0 && circuit.reason == "no route")
        #expect(circuit.since == start + .seconds(1) && circuit.retryAt == start + .seconds(6))
    }

    @Test func `a look that goes well lets one mail ahead, and its answer all`() {
        var circuit = down()
        circuit.looked(nil, at: start + .seconds(5))
        #expect(!circuit.isDown && circuit.places == 1)
        let began = circuit.begin()
        #expect(began)
        #expect(circuit.places == 0)
        let second = circuit.begin()
        #expect(!second)
        circuit.answered(at: start + .seconds(6))
        #expect(circuit.places == nil && circuit.reason == nil && circuit.since == start + .seconds(6))
    }

    @Test func `a mail ahead that is broken off leaves its place`() {
        var circuit = down()
        circuit.looked(nil, at: start)
        let began = circuit.begin()
        #expect(began)
        circuit.ended()
        #expect(circuit.places == 1)
    }

    @Test func `the pauses between looks grow from 5 seconds to 5 minutes, also where looks go well and mails do not`()
    {
        var circuit = down()
        var now = start
        var pauses: [Duration] = []
        for number in 0..<9 {
            guard let retryAt = circuit.retryAt else {
                Issue.record("not down")
                return
            }
            pauses.append(retryAt - now)
            now = retryAt
            if number.isMultiple(of: 2) {
                circuit.looked("connection refused", at: now)
            } else {
                circuit.looked(nil, at: now)
                let began = circuit.begin()
                #expect(began)
                circuit.failed("454 not now", after: nil, at: now)
            }
        }
        #expect(pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300].map { .seconds($0) })
        circuit.answered(at: now)
        for _ in 1...3 { circuit.failed("again", after: nil, at: now) }
        #expect(circuit.retryAt == now + .seconds(5), "from the beginning")
    }

    @Test func `what wants nothing for a while gets nothing for that while`() {
        var circuit = TransportCircuit(at: start)
        circuit.failed("429", after: .seconds(40), at: start)
        #expect(circuit.retryAt == start + .seconds(40))
        circuit.failed("429", after: .seconds(50), at: start + .seconds(1))
        #expect(circuit.retryAt == start + .seconds(51), "from a mail that was under way")
        circuit.failed("reset", after: nil, at: start + .seconds(2))
        #expect(circuit.retryAt == start + .seconds(51))
        var nonsense = TransportCircuit(at: start)
        nonsense.failed("429", after: .seconds(1_000_000), at: start)
        #expect(nonsense.retryAt == start + .seconds(4 * 3600))
    }

    @Test func `a mail that got through after all is an answer`() {
        var circuit = down()
        circuit.answered(at: start + .seconds(2))
        #expect(!circuit.isDown && circuit.places == nil)
    }
}

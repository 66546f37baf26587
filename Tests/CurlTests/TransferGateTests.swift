import Testing

@testable import Curl

@Suite struct TransferGateTests {
    private func all(_ gate: inout TransferGate<Int>) -> [Int] {
        var started: [Int] = []
        while let next = gate.next() { started.append(next) }
        return started
    }

    @Test func `to one host it is first come, first served, so many at once`() {
        var gate = TransferGate<Int>(mostInFlight: 100, mostPerHost: 2)
        for id in 1...5 { gate.arrive(id, at: "a") }
        #expect(all(&gate) == [1, 2])
        gate.finish(at: "a")
        #expect(all(&gate) == [3])
        gate.finish(at: "a")
        gate.finish(at: "a")
        #expect(all(&gate) == [4, 5])
        #expect(gate.inFlight == 2)
    }

    @Test func `hosts take turns: many to one do not stand before a few to another`() {
        var gate = TransferGate<Int>(mostInFlight: 2, mostPerHost: 10)
        for id in 1...100 { gate.arrive(id, at: "busy") }
        gate.arrive(201, at: "quiet")
        gate.arrive(202, at: "quiet")
        #expect(all(&gate) == [1, 201])
        gate.finish(at: "busy")
        gate.finish(at: "quiet")
        #expect(all(&gate) == [2, 202])
    }

    @Test func `a full host does not hold up another`() {
        var gate = TransferGate<Int>(mostInFlight: 3, mostPerHost: 1)
        for id in 1...3 { gate.arrive(id, at: "a") }
        gate.arrive(4, at: "b")
        #expect(all(&gate) == [1, 4])
    }

    @Test func `who gives up waiting leaves no gap, and who has started stays`() {
        var gate = TransferGate<Int>(mostInFlight: 1, mostPerHost: 1)
        for id in 1...4 { gate.arrive(id, at: "a") }
        gate.leave(1)
        #expect(all(&gate) == [2])
        gate.leave(2)
        gate.leave(3)
        #expect(gate.inFlight == 1)
        gate.finish(at: "a")
        #expect(all(&gate) == [4])
        #expect(gate.waiting == 0)
    }

    @Test func `whatever happens, the bounds hold, all get their turn, and nothing stays behind`() {
        for round in 0..<50 {
            var gate = TransferGate<Int>(mostInFlight: 7, mostPerHost: 3)
            var waiting: [String: [Int]] = [:]
            var inFlight: [Int: String] = [:]
            var next = 0
            for _ in 0..<600 {
                let host = "h\(Int.random(in: 0..<5))"
                switch Int.random(in: 0..<4) {
                case 0, 1:
                    gate.arrive(next, at: host)
                    waiting[host, default: []].append(next)
                    next += 1
                case 2:
                    if let id = waiting[host]?.randomElement() {
                        gate.leave(id)
                        waiting[host]?.removeAll { $0 == id }
                    }
                default:
                    if let (id, host) = inFlight.randomElement() {
                        gate.finish(at: host)
                        inFlight[id] = nil
                    }
                }
                while let id = gate.next() {
                    guard let host = waiting.first(where: { $0.value.first == id })?.key else {
                        Issue.record("\(id) was not the first of its host in round \(round)")
                        return
                    }
                    waiting[host]?.removeFirst()
                    inFlight[id] = host
                }
                #expect(inFlight.count <= 7 && gate.inFlight == inFlight.count)
                let counts = Dictionary(grouping: inFlight.values) { $0 }.mapValues(\.count)
                #expect(counts.values.allSatisfy { $0 <= 3 })
                // Nobody waits while there is room for him.
                let couldStart = waiting.contains { !$0.value.isEmpty && counts[$0.key, default: 0] < 3 }
                #expect(!couldStart || inFlight.count == 7)
            }
            #expect(gate.waiting == waiting.values.map(\.count).reduce(0, +))
        }
    }
}

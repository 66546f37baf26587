import Domain
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import BuildRunner

@Suite(.timeLimit(.minutes(1)))
struct CheckGateTests {
    private let clock = ManualClock()

    /// Sends a check that runs until `end` is finished, and returns when it runs or stands in the line.
    private func send(
        _ source: String?, named name: String, to gate: CheckGate, _ order: NIOLockedValueBox<[String]>,
        _ group: inout TaskGroup<CheckFault?>, until end: AsyncStream<Void>
    ) async {
        let before = order.withLockedValue { $0.count } + gate.waiting
        group.addTask {
            do throws(CheckFault) {
                try await gate.pass(for: source) {
                    order.withLockedValue { $0.append(name) }
                    for await _ in end {}
                }
                return nil
            } catch {
                return error
            }
        }
        try? await until { order.withLockedValue { $0.count } + gate.waiting != before }
    }

    @Test
    func `lets those go first who have the fewest checks running (P6)`() async {
        let gate = CheckGate(atOnce: 2, mostWaiting: 32, longestWait: .seconds(20), clock: clock)
        let order = NIOLockedValueBox<[String]>([])
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let (others, other) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup(of: CheckFault?.self) { group in
            await send("many", named: "many 1", to: gate, order, &group, until: ends)
            await send("many", named: "many 2", to: gate, order, &group, until: others)
            for number in 3...6 {
                await send("many", named: "many \(number)", to: gate, order, &group, until: others)
            }
            await send("one", named: "one", to: gate, order, &group, until: others)
            await send(nil, named: "accepted", to: gate, order, &group, until: others)
            end.finish()
            try? await until { order.withLockedValue { $0.count } >= 3 }
            other.finish()
            for await fault in group { #expect(fault == nil) }
        }
        #expect(order.withLockedValue { $0.count } == 8)
        #expect(order.withLockedValue { $0[2] } == "one")
    }

    @Test
    func `lets one source take a quarter of the line, and always takes what was accepted (P6)`() async {
        let gate = CheckGate(atOnce: 1, mostWaiting: 8, longestWait: .seconds(20), clock: clock)
        let order = NIOLockedValueBox<[String]>([])
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup(of: CheckFault?.self) { group in
            for _ in 0..<3 { await send("many", named: "many", to: gate, order, &group, until: ends) }
            await #expect(throws: CheckFault.busy) { try await gate.pass(for: "many") {} }
            for source in ["a", "b", "c"] {
                for _ in 0..<2 { await send(source, named: source, to: gate, order, &group, until: ends) }
            }
            #expect(gate.waiting == 8)
            await #expect(throws: CheckFault.busy) { try await gate.pass(for: "d") {} }
            await send(nil, named: "accepted", to: gate, order, &group, until: ends)
            #expect(gate.waiting == 9)
            end.finish()
            for await fault in group { #expect(fault == nil) }
        }
        #expect(order.withLockedValue { $0.count } == 10)
    }
}

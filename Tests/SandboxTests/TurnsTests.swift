import NIOConcurrencyHelpers
import Sandbox
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct TurnsTests {
    private typealias Refused = Turns.Refusal?

    private let order = NIOLockedValueBox<[String]>([])

    private var begun: Int { order.withLockedValue(\.count) }

    /// Sends work that runs until `end` is finished, and returns when it runs or stands in the line.
    private func send(
        _ source: String?, isOwed: Bool = false, named name: String, to turns: Turns,
        _ group: inout TaskGroup<Refused>, until end: AsyncStream<Void>
    ) async {
        let before = begun + turns.waiting
        group.addTask { [order] in
            await Self.refusal(by: turns, for: source, isOwed: isOwed) {
                order.withLockedValue { $0.append(name) }
                for await _ in end {}
            }
        }
        try? await until { begun + turns.waiting != before }
    }

    private static func refusal(
        by turns: Turns, for source: String? = nil, isOwed: Bool = false, _ work: () async -> Void = {}
    ) async -> Turns.Refusal? {
        do throws(Turns.Refusal) {
            try await turns.run(for: source, isOwed: isOwed, refused: { $0 }) { () throws(Turns.Refusal) in
                await work()
            }
            return nil
        } catch {
            return error
        }
    }

    @Test
    func `lets those go first who have the fewest running (P6)`() async {
        let turns = Turns(atOnce: 2, mostWaiting: 32, mostOfOne: 8)
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let (others, other) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup(of: Refused.self) { group in
            await send("many", named: "many 1", to: turns, &group, until: ends)
            await send("many", named: "many 2", to: turns, &group, until: others)
            for number in 3...6 {
                await send("many", named: "many \(number)", to: turns, &group, until: others)
            }
            await send("one", named: "one", to: turns, &group, until: others)
            await send(nil, isOwed: true, named: "owed", to: turns, &group, until: others)
            end.finish()
            try? await until { begun >= 3 }
            other.finish()
            for await refusal in group { #expect(refusal == nil) }
        }
        #expect(begun == 8)
        #expect(order.withLockedValue { $0[2] } == "one")
    }

    @Test
    func `lets one source take a part of the line, and always takes what is owed (P6)`() async {
        let turns = Turns(atOnce: 1, mostWaiting: 8, mostOfOne: 2)
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup(of: Refused.self) { group in
            for _ in 0..<3 { await send("many", named: "many", to: turns, &group, until: ends) }
            #expect(await Self.refusal(by: turns, for: "many") == .lineIsFull)
            for source in ["a", "b", "c"] {
                for _ in 0..<2 { await send(source, named: source, to: turns, &group, until: ends) }
            }
            #expect(turns.waiting == 8)
            #expect(await Self.refusal(by: turns, for: "d") == .lineIsFull)
            await send(nil, isOwed: true, named: "owed", to: turns, &group, until: ends)
            #expect(turns.waiting == 9)
            end.finish()
            for await refusal in group { #expect(refusal == nil) }
        }
        #expect(begun == 10)
    }

    @Test
    func `without sources all have their turn as they came`() async {
        let turns = Turns(atOnce: 1)
        let names = (0..<20).map(String.init)
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup(of: Refused.self) { group in
            for name in names { await send(nil, named: name, to: turns, &group, until: ends) }
            end.finish()
            for await refusal in group { #expect(refusal == nil) }
        }
        #expect(order.withLockedValue { $0 } == names)
    }

    @Test
    func `who is cancelled or waits for too long leaves the line, and its turn goes to the next (P6)`() async {
        let (patience, over) = AsyncStream.makeStream(of: Void.self)
        let turns = Turns(
            atOnce: 1, longestWait: .seconds(20),
            sleep: {
                #expect($0 == .seconds(20))
                for await _ in patience { return }
                try Task.checkCancellation()
            })
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup(of: Refused.self) { group in
            await send(nil, named: "first", to: turns, &group, until: ends)
            let late = Task { await Self.refusal(by: turns) }
            try? await until { turns.waiting == 1 }
            over.yield()
            #expect(await late.value == .tooLate)
            let cancelled = Task { await Self.refusal(by: turns) }
            try? await until { turns.waiting == 1 }
            cancelled.cancel()
            #expect(await cancelled.value == .cancelled)
            #expect(turns.waiting == 0)
            await send(nil, named: "last", to: turns, &group, until: ends)
            end.finish()
            for await refusal in group { #expect(refusal == nil) }
        }
        #expect(order.withLockedValue { $0 } == ["first", "last"])
        #expect(await Self.refusal(by: turns) == nil, "every turn came back")
    }
}

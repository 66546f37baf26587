import NIOCore
import Testing

@testable import GeneratorServer

@Suite struct `ConnectionState` {
    private static let limits = ConnectionLimits(
        headTime: .seconds(10), idleTime: .seconds(60), bodyTime: .seconds(100), rateSpan: .seconds(10),
        minBytesPerSecond: 100, writeTime: .seconds(30), lingerTime: .seconds(1))
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private static func after(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }

    private static func fresh() -> Machine {
        Machine(state: GeneratorServer.ConnectionState(limits: limits, now: start))
    }

    /// The state by reference: an expectation cannot hold a call that changes a value.
    private final class Machine {
        private var state: GeneratorServer.ConnectionState

        init(state: GeneratorServer.ConnectionState) { self.state = state }

        func bytesCame(_ count: Int, at now: NIODeadline) { state.bytesCame(count, at: now) }
        func headCame(length: Int?, awaitsContinue: Bool, wantsClose: Bool, at now: NIODeadline) -> Bool {
            state.headCame(length: length, awaitsContinue: awaitsContinue, wantsClose: wantsClose, at: now)
        }
        func bodyCame(_ count: Int) -> Bool { state.bodyCame(count) }
        func endCame(at now: NIODeadline) -> Bool { state.endCame(at: now) }
        func continueWanted() -> Bool { state.continueWanted() }
        func answerHead(saysClose: Bool) -> Bool { state.answerHead(saysClose: saysClose) }
        func answerEnd(at now: NIODeadline) -> Bool { state.answerEnd(at: now) }
        func quiesce() -> Bool { state.quiesce() }
        func bytesWritten(_ count: Int) { state.bytesWritten(count) }
        func needsTick(waiting: Int) -> Bool { state.needsTick(waiting: waiting) }
        func tick(
            waiting: Int, isReading: Bool, at now: NIODeadline
        ) -> GeneratorServer.ConnectionState.TickAction {
            state.tick(waiting: waiting, isReading: isReading, at: now)
        }
    }

    @Test func `a connection without a request ends after the time for a head`() {
        let state = Self.fresh()
        #expect(state.tick(waiting: 0, isReading: true, at: Self.after(9)) == .lookAgain)
        #expect(state.tick(waiting: 0, isReading: true, at: Self.after(10)) == .cut(.silent, canAnswer: false))
    }

    @Test func `a head's time runs from its first byte, whatever trickles in`() {
        let state = Self.fresh()
        state.bytesCame(1, at: Self.after(5))
        state.bytesCame(1, at: Self.after(14))
        #expect(state.tick(waiting: 0, isReading: true, at: Self.after(14)) == .lookAgain)
        #expect(state.tick(waiting: 0, isReading: true, at: Self.after(15)) == .cut(.slowHead, canAnswer: true))
    }

    @Test func `a body needs its rate in every span, but not while we do not read`() {
        let state = Self.fresh()
        state.bytesCame(100, at: Self.start)
        #expect(state.headCame(length: 1 << 20, awaitsContinue: false, wantsClose: false, at: Self.start))
        state.bytesCame(100_000, at: Self.after(1))
        #expect(state.tick(waiting: 0, isReading: true, at: Self.after(10)) == .lookAgain)
        #expect(state.tick(waiting: 0, isReading: false, at: Self.after(19)) == .lookAgain)
        #expect(state.tick(waiting: 0, isReading: true, at: Self.after(25)) == .lookAgain)
        #expect(state.tick(waiting: 0, isReading: true, at: Self.after(29)) == .cut(.slowBody, canAnswer: true))
    }

    @Test func `a body ends in its time, however fast it comes`() {
        let state = Self.fresh()
        _ = state.headCame(length: nil, awaitsContinue: false, wantsClose: false, at: Self.start)
        for second in stride(from: Int64(5), to: 100, by: 5) {
            state.bytesCame(100_000, at: Self.after(second))
            #expect(state.tick(waiting: 0, isReading: true, at: Self.after(second)) == .lookAgain)
        }
        #expect(state.tick(waiting: 0, isReading: true, at: Self.after(100)) == .cut(.slowBody, canAnswer: true))
    }

    @Test func `while an answer is made nothing is looked at`() {
        let state = Self.fresh()
        _ = state.headCame(length: 0, awaitsContinue: false, wantsClose: false, at: Self.start)
        #expect(state.endCame(at: Self.start))
        #expect(!state.needsTick(waiting: 0))
        #expect(state.tick(waiting: 0, isReading: true, at: Self.after(1000)) == .rest)
    }

    @Test func `a reader needs its rate while an answer waits`() {
        let state = Self.fresh()
        _ = state.headCame(length: 0, awaitsContinue: false, wantsClose: false, at: Self.start)
        _ = state.endCame(at: Self.start)
        #expect(state.tick(waiting: 50_000, isReading: true, at: Self.start) == .lookAgain)
        state.bytesWritten(50_000)
        #expect(state.tick(waiting: 50_000, isReading: true, at: Self.after(30)) == .lookAgain)
        #expect(
            state.tick(waiting: 49_000, isReading: true, at: Self.after(60)) == .cut(.slowReader, canAnswer: false))
    }

    @Test(arguments: [
        (nil, false, true), (1_000_000, false, true), (1000, false, false), (1000, true, true), (0, false, false),
    ])
    func `an answer before the whole request ends the connection if much is to come`(
        length: Int?, awaitsContinue: Bool, closes: Bool
    ) {
        let state = Self.fresh()
        _ = state.headCame(length: length, awaitsContinue: awaitsContinue, wantsClose: false, at: Self.start)
        #expect(state.answerHead(saysClose: false) == closes)
        #expect(state.answerEnd(at: Self.start) == closes)
        #expect(state.bodyCame(10) != closes)
        if closes {
            #expect(
                state.tick(waiting: 0, isReading: true, at: Self.after(1)) == .cut(.lingered, canAnswer: false))
        }
    }

    @Test func `only the last of several requests' answers ends the connection`() {
        let state = Self.fresh()
        for number in 1...2 {
            _ = state.headCame(length: 0, awaitsContinue: false, wantsClose: number == 2, at: Self.start)
            _ = state.endCame(at: Self.start)
        }
        #expect(!state.answerHead(saysClose: false))
        #expect(!state.answerEnd(at: Self.start))
        #expect(state.answerHead(saysClose: false))
        #expect(state.answerEnd(at: Self.start))
    }

    @Test func `100 Continue is said once, and not after an answer`() {
        let state = Self.fresh()
        _ = state.headCame(length: 10, awaitsContinue: true, wantsClose: false, at: Self.start)
        #expect(state.continueWanted())
        #expect(!state.continueWanted())
        let other = Self.fresh()
        _ = other.headCame(length: 10, awaitsContinue: true, wantsClose: false, at: Self.start)
        _ = other.answerHead(saysClose: false)
        #expect(!other.continueWanted())
    }

    @Test func `at a stop an idle connection ends at once, a busy one after its answers`() {
        let idle = Self.fresh()
        #expect(idle.quiesce())
        let busy = Self.fresh()
        _ = busy.headCame(length: 0, awaitsContinue: false, wantsClose: false, at: Self.start)
        _ = busy.endCame(at: Self.start)
        #expect(!busy.quiesce())
        #expect(busy.answerHead(saysClose: false))
        #expect(busy.answerEnd(at: Self.start))
    }
}

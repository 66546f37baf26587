import NIOConcurrencyHelpers

/// The notice board of one process.
///
/// Posting costs a dictionary look-up under a lock; who watches other topics is not touched. The subscribers of the
/// topic are copied by reference and woken outside the lock.
package final class Notices: NoticeBoard {
    private struct State {
        var topics: [NoticeTopic: [UInt64: AsyncStream<Void>.Continuation]] = [:]
        var nextSubscriber: UInt64 = 0
    }

    private let state = NIOLockedValueBox(State())

    package init() {}

    package func subscribe(to topic: NoticeTopic) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let subscriber = state.withLockedValue { state in
            state.nextSubscriber += 1
            state.topics[topic, default: [:]][state.nextSubscriber] = continuation
            return state.nextSubscriber
        }
        continuation.onTermination = { [state] _ in
            state.withLockedValue { state in
                state.topics[topic]?[subscriber] = nil
                if state.topics[topic]?.isEmpty == true { state.topics[topic] = nil }
            }
        }
        continuation.yield()
        return stream
    }

    package func post(_ topic: NoticeTopic) {
        let subscribers = state.withLockedValue { $0.topics[topic] }
        for continuation in (subscribers ?? [:]).values { continuation.yield() }
    }

    /// How many streams are open; for tests and metrics.
    package var subscriberCount: Int {
        state.withLockedValue { $0.topics.values.reduce(0) { $0 + $1.count } }
    }
}

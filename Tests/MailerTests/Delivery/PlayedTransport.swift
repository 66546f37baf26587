import Domain
import Mailer
import NIOConcurrencyHelpers

/// A transport that answers as it is told, remembers what it was given, and holds mails until they are let go.
final class PlayedTransport: MailTransport {
    struct Taken: Hashable, Sendable {
        var to: String
        var messageID: String
    }

    private struct State {
        var taken: [Taken] = []
        var holds: (@Sendable (_ to: String) -> Bool)?
        var held: [Int: CheckedContinuation<Void, Never>] = [:]
        var underWay = 0
        var mostUnderWay = 0
        var looks = 0
        var isWell = true
    }

    let name: String
    private let state = NIOLockedValueBox(State())
    private let answer: @Sendable (_ to: String, _ number: Int) -> TransportAnswer

    /// - Parameter answer: for a mail to this address, the `number`-th that came here, from 0.
    init(
        _ name: String = "played",
        _ answer: @escaping @Sendable (_ to: String, _ number: Int) -> TransportAnswer = { _, _ in
            .accepted(receipt: nil)
        }
    ) {
        self.name = name
        self.answer = answer
    }

    var taken: [Taken] { state.withLockedValue { $0.taken } }
    var heldCount: Int { state.withLockedValue { $0.held.count } }
    /// The most mails that were under way at once.
    var mostUnderWay: Int { state.withLockedValue { $0.mostUnderWay } }
    var looks: Int { state.withLockedValue { $0.looks } }

    /// Whether it looks well; mails are answered all the same.
    func set(isWell: Bool) { state.withLockedValue { $0.isWell = isWell } }

    /// From now on mails to such addresses stay under way until they are let go, or their task is cancelled.
    func hold(_ holds: @escaping @Sendable (_ to: String) -> Bool = { _ in true }) {
        state.withLockedValue { $0.holds = holds }
    }

    func letGo() {
        let held = state.withLockedValue { state in
            state.holds = nil
            defer { state.held = [:] }
            return Array(state.held.values)
        }
        for continuation in held { continuation.resume() }
    }

    func deliver(_ message: MailMessage) async -> TransportAnswer {
        let to = "\(message.to)"
        let number = state.withLockedValue { state in
            state.taken.append(Taken(to: to, messageID: message.messageID))
            state.underWay += 1
            state.mostUnderWay = max(state.mostUnderWay, state.underWay)
            return state.taken.count - 1
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLockedValue { state in
                    let isHeld = state.holds?(to) == true && !Task.isCancelled
                    if isHeld { state.held[number] = continuation }
                    return !isHeld
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            state.withLockedValue { $0.held.removeValue(forKey: number) }?.resume()
        }
        state.withLockedValue { $0.underWay -= 1 }
        return Task.isCancelled ? .notNow(MailFault(.transport, "broken off"), after: nil) : answer(to, number)
    }

    func largestMessage() async -> Int64? { nil }

    func check() async -> TransportCheck {
        state.withLockedValue { state in
            state.looks += 1
            return state.isWell ? .working(detail: "played") : .broken(problem: "still away", mend: "wait")
        }
    }
}

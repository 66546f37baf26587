internal import Dispatch
internal import Sandbox

/// Lets a few pictures be worked on at a time, because each may need a gigabyte, and keeps blocking work on threads of
/// its own.
struct PictureLanes: Sendable {
    private let turns: Turns
    private let queue = DispatchQueue(label: "kiln.pictures", attributes: .concurrent)

    init(count: Int, mostWaiting: Int, longestWait: Duration = .seconds(30)) {
        turns = Turns(atOnce: count, mostWaiting: mostWaiting, longestWait: longestWait)
    }

    /// How many wait now.
    var waiting: Int { turns.waiting }

    /// Runs `work` when it is its turn; throws `cancelled` if the task is cancelled while it waits, and `busy` if
    /// the line is full or its turn does not come in time.
    func run<Value: Sendable>(
        _ work: () async throws(PictureError) -> Value
    ) async throws(PictureError) -> Value {
        try await turns.run(refused: { $0 == .cancelled ? PictureError.cancelled : .busy }, work)
    }

    /// Runs blocking work on a thread of its own.
    func block<Value: Sendable>(
        _ work: @escaping @Sendable () throws(PictureError) -> Value
    ) async throws(PictureError) -> Value {
        let outcome: Result<Value, PictureError> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Result { () throws(PictureError) in try work() }) }
        }
        return try outcome.get()
    }
}

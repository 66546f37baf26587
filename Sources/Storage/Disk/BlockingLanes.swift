import Dispatch

/// Threads for blocking calls: a fixed number of serial dispatch queues. Work of one lane runs in order, so that whoever
/// always takes the same lane for the same file needs no lock; there are never more threads than lanes.
struct BlockingLanes: Sendable {
    private let queues: [DispatchQueue]

    init(label: String, count: Int) {
        queues = (0..<count).map { DispatchQueue(label: "kiln.\(label).\($0)") }
    }

    /// Runs `body` on the lane that `key` falls into.
    func run<Value: Sendable>(
        for key: some Hashable, _ body: @escaping @Sendable () throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        let lane = Int(UInt(bitPattern: key.hashValue) % UInt(queues.count))
        return try await Self.run(on: queues[lane], body)
    }

    /// Runs `body` on a thread that is taken for it alone; for what happens once in a process's life.
    static func once<Value: Sendable>(
        _ body: @escaping @Sendable () throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        try await run(on: DispatchQueue(label: "kiln.once"), body)
    }

    private static func run<Value: Sendable>(
        on queue: DispatchQueue, _ body: @escaping @Sendable () throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        let result: Result<Value, StorageError> = await withCheckedContinuation { continuation in
            queue.async {
                do throws(StorageError) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}

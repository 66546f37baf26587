import Dispatch

/// Runs calls that wait for the disk on threads of their own, so that Swift's few cooperative threads go on.
enum Blocking {
    private static let queue = DispatchQueue(label: "kiln.runner.blocking", attributes: .concurrent)

    static func run<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            queue.async {
                do throws(Failure) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}

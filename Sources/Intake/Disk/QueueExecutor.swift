import Dispatch

/// Lets an actor do blocking work on threads of its own instead of the cooperative pool's.
final class QueueExecutor: SerialExecutor {
    private let queue: DispatchQueue

    /// On a thread that it may share with other actors.
    ///
    /// - Parameter number: any number; actors with different ones are spread evenly.
    init(shared number: some BinaryInteger) {
        queue = Self.shared[Int(truncatingIfNeeded: number) & (Self.shared.count - 1)]
    }

    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    /// As many as a disk has use for at once; a power of two. More would only be more stacks.
    private static let shared = (0..<16).map { DispatchQueue(label: "kiln.upload.\($0)") }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { [self] in unsafe job.runSynchronously(on: asUnownedSerialExecutor()) }
    }
}

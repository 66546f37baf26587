import Domain
import Intake
import Logging
import ServiceLifecycle
import Storage

/// Removes uploads that belong to no build: what a crash left between storing a file and storing its build.
struct UploadSweeper: Service {
    let uploads: UploadStore
    let builds: any BuildStore
    let clock: any WallClock
    let logger: Logger

    /// Younger ones may belong to a submission that is still coming in.
    private static let age: Duration = .seconds(3600)
    private static let interval: Duration = .seconds(900)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    let removed = try await uploads.sweep(olderThan: clock.now() - Self.age) { ids in
                        try await builds.knownUploads(among: ids)
                    }
                    if removed > 0 { logger.info("Removed unfinished uploads", metadata: ["count": "\(removed)"]) }
                } catch {
                    logger.warning("Uploads cannot be swept", metadata: ["error": "\(error)"])
                }
                try? await clock.sleep(until: clock.now() + Self.interval)
            }
        }
    }
}

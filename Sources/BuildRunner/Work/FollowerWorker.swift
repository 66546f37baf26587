import Domain
import Logging
import ServiceLifecycle
import Storage

/// Answers builds that wait for another one's result when that one has ended: with its artifacts, or by a place of their
/// own in the queue.
///
/// Everything can be done twice: a copy replaces the same bytes, a fact that is known changes nothing.
package struct FollowerWorker: Service {
    private let shop: Workshop
    private let wake = WakeSignal()

    private static let batch = 50
    private static let sleep = Duration.seconds(30)
    private static let pauseAfterFault = Duration.seconds(5)

    package init(_ shop: Workshop) {
        self.shop = shop
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown { await work() }
    }

    private func work() async {
        await wake.raised(by: shop.notices.subscribe(to: .work)) {
            while !Task.isCancelled {
                let pause: Duration
                do {
                    if try await settleDue() { continue }
                    pause = Self.sleep
                } catch {
                    shop.logger.warning(
                        "builds that wait for another could not be answered", metadata: ["error": "\(error)"])
                    pause = Self.pauseAfterFault
                }
                await wake.wait(until: shop.clock.now() + pause, by: shop.clock)
            }
        }
    }

    /// - Returns: whether more may be due.
    private func settleDue() async throws -> Bool {
        let due = try await shop.store.followersDue(limit: Self.batch)
        var failures = 0
        for (follower, leader) in due {
            try Task.checkCancellation()
            do {
                try await settle(follower, after: leader)
            } catch StorageError.illegalTransition, StorageError.unknownBuild {
                shop.logger.debug("a build was answered meanwhile", metadata: ["build": "\(follower.id)"])
            } catch {
                failures += 1
                shop.logger.warning(
                    "a build that waits for another could not be answered",
                    metadata: ["build": "\(follower.id)", "error": "\(error)"])
            }
        }
        return due.count == Self.batch && failures == 0
    }

    private func settle(_ follower: Build, after leader: Build) async throws {
        let now = shop.clock.now()
        guard leader.state == .succeeded, leader.filesRemovedAt == nil, !leader.artifacts.isEmpty else {
            return try await shop.store.unfollow(follower.id, at: now)
        }
        do {
            for artifact in leader.artifacts {
                try await shop.objects.copy(
                    ObjectKey(build: leader.id, name: artifact.name),
                    to: ObjectKey(build: follower.id, name: artifact.name))
            }
        } catch StorageError.missingObject {
            // Removed just now: it is built like any other.
            try await shop.objects.removeAll(of: follower.id)
            return try await shop.store.unfollow(follower.id, at: now)
        }
        let transition = try await shop.store.apply(
            .reused(leader.artifacts, from: leader.id), to: follower.id, policy: BuildPolicy(maxAttempts: 1),
            lease: nil,
            at: now)
        if transition.changed {
            shop.logger.info(
                "a build was answered with another's result",
                metadata: ["build": "\(follower.id)", "from": "\(leader.id)"])
        }
    }
}

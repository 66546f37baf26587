import Domain
import Logging
import Sandbox
import ServiceLifecycle
import Storage

/// Looks after what nobody else would notice: builds that waited too long, files that are kept no longer, runs that no
/// build knows any more.
package struct Caretaker: Service {
    private let shop: Workshop
    private static let batch = 50

    package init(_ shop: Workshop) {
        self.shop = shop
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await emptyScratch()
            while !Task.isCancelled {
                await round()
                // Cancellation is the only thing that it throws, and the loop's condition sees it.
                try? await shop.clock.sleep(until: shop.clock.now() + shop.settings.careInterval)
            }
        }
    }

    /// One round, each part on its own: a fault in one keeps no other from its work.
    package func round() async {
        await part("expiring builds") { try await expireOverdue() }
        await part("expiring unconfirmed builds") { try await expireUnconfirmed() }
        await part("removing files") { try await removeExpiredFiles() }
        await part("removing half-made runs") { try await shop.verifier.runs.sweep() }
        await part("ending forgotten runs") { try await endForgottenRuns() }
    }

    private func part(_ name: String, _ work: () async throws -> Void) async {
        do {
            try await work()
        } catch {
            shop.logger.warning("housekeeping failed", metadata: ["part": "\(name)", "error": "\(error)"])
        }
    }

    private func expireOverdue() async throws {
        var limits: [RecipeID: Duration] = [:]
        for recipe in shop.installedRecipes() { limits[recipe.id] = recipe.build.maxWait }
        let now = shop.clock.now()
        for id in try await shop.store.overdueInQueue(waitLimits: limits, at: now) {
            _ = try await shop.store.apply(.expired, to: id, policy: BuildPolicy(maxAttempts: 1), lease: nil, at: now)
            shop.logger.notice("build expired in the queue", metadata: ["build": "\(id)"])
        }
    }

    /// Nobody said that they were wanted: they cost no CI a minute, and nobody a mail.
    private func expireUnconfirmed() async throws {
        guard let addresses = shop.addresses else { return }
        while !Task.isCancelled {
            let now = shop.clock.now()
            let ids = try await addresses.unconfirmedOverdue(limit: Self.batch, at: now)
            for id in ids {
                _ = try await shop.store.apply(
                    .expired, to: id, policy: BuildPolicy(maxAttempts: 1), lease: nil, at: now)
                shop.logger.info("nobody confirmed a build", metadata: ["build": "\(id)"])
            }
            if ids.count < Self.batch { return }
        }
    }

    /// Files first, the note last: a crash between them only repeats the removal.
    private func removeExpiredFiles() async throws {
        while !Task.isCancelled {
            let builds = try await shop.store.buildsWithExpiredFiles(limit: Self.batch, at: shop.clock.now())
            for build in builds {
                try await shop.objects.removeAll(of: build.id)
                try await shop.logs.removeAll(of: build.id)
                await shop.removeUploads(try await shop.store.uploadsToRemove(with: build.id))
                try await shop.store.recordFilesRemoved(of: build.id, at: shop.clock.now())
                shop.logger.info("files of a build were removed", metadata: ["build": "\(build.id)"])
            }
            if builds.count < Self.batch { return }
        }
    }

    private func endForgottenRuns() async throws {
        for provider in shop.providers.values {
            guard case .done(let attempts) = await provider.heldAttempts() else { continue }
            for attempt in attempts {
                guard let (id, _) = Attempt.parse(attempt.key), let build = try await shop.store.build(id),
                    build.state.attempt != attempt
                else { continue }
                _ = await provider.cancel(attempt, run: nil, for: nil)
                _ = await provider.cleanUp(attempt, run: nil, for: nil)
                _ = await shop.verifier.cleanUp(attempt)
            }
        }
    }

    /// What earlier servers left on its way into the object store when they crashed.
    private func emptyScratch() async {
        let (root, own) = (shop.scratchRoot, shop.scratchName)
        do {
            try await Blocking.run { () throws(FileFault) in
                guard FolderWork.exists(root) else { return }
                for name in try FolderWork.names(in: root) where name != own {
                    try FolderWork.remove("\(root)/\(name)")
                }
            }
        } catch {
            shop.logger.warning("the scratch folder could not be emptied", metadata: ["error": "\(error)"])
        }
    }
}

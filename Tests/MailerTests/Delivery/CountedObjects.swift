import Domain
import Foundation
import NIOConcurrencyHelpers
import Storage
import TestSupport

/// Objects on disk, and how often they were read.
struct CountedObjects: ObjectStore {
    private let objects: any ObjectStore
    private let reads: NIOLockedValueBox<Int>

    init(_ objects: any ObjectStore, _ reads: NIOLockedValueBox<Int>) {
        self.objects = objects
        self.reads = reads
    }

    func put(fileAt path: String, as key: ObjectKey) async throws(StorageError) {
        try await objects.put(fileAt: path, as: key)
    }

    func copy(_ key: ObjectKey, to other: ObjectKey) async throws(StorageError) {
        try await objects.copy(key, to: other)
    }

    func size(of key: ObjectKey) async throws(StorageError) -> Int64? { try await objects.size(of: key) }

    func read(_ key: ObjectKey, from offset: Int64, length: Int) async throws(StorageError) -> [UInt8] {
        reads.withLockedValue { $0 += 1 }
        return try await objects.read(key, from: offset, length: length)
    }

    func removeAll(of build: BuildID) async throws(StorageError) { try await objects.removeAll(of: build) }
}

extension DeliveryHouse {
    /// A build that ended well, with a product of five bytes.
    @discardableResult
    func oweProduct(to address: String = "reader@example.net") async throws -> BuildID {
        var random = SystemRandomNumberGenerator()
        let id = BuildID.make(at: clock.now(), using: &random)
        let new = NewBuild(
            id: id, recipe: .sample, recipeDigest: "0", provider: "local", inputs: Inputs(values: []),
            address: address, priority: 0, retention: .seconds(3600), source: "127.0.0.1", idempotencyKey: nil)
        let none = AcceptLimits(waiting: nil, perSourcePerHour: nil, perAddressPerHour: nil)
        _ = try await store.accept(new, limits: none, at: clock.now())
        let path = directory.path("product")
        try Data("hello".utf8).write(to: URL(filePath: path))
        try await objects.put(fileAt: path, as: ObjectKey(build: id, name: "out.txt"))
        let artifact = Artifact(
            name: "out.txt", role: .product, contentType: "text/plain", bytes: 5,
            sha256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
        let attempt = Attempt(number: 1, of: id)
        let run = Run(attempt: attempt, provider: "local", id: "r", url: nil)
        let collected = BuildEvent.collected([artifact], of: attempt, needsVerification: false)
        for event in [.claimed(attempt), .triggered(run), .runSucceeded(of: attempt), collected] as [BuildEvent] {
            _ = try await store.apply(event, to: id, policy: BuildPolicy(maxAttempts: 1), lease: nil, at: clock.now())
        }
        return id
    }
}

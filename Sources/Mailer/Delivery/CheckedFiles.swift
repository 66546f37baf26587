import Crypto
import Domain
import NIOConcurrencyHelpers
import Storage

/// P9: a link is mailed after what it leads to was read, and its bytes had the checksum that the mail names.
///
/// Once in this process for each outbox entry: reading an image of gigabytes again at each try would cost more than the
/// mail. That the files are there, in their size, is looked at each time.
final class CheckedFiles: Sendable {
    /// Entries that wait for another try; what is beyond is read again.
    private static let most = 10_000

    private let objects: any ObjectStore
    private let checked = NIOLockedValueBox<Set<OutboxEntryID>>([])

    init(_ objects: any ObjectStore) {
        self.objects = objects
    }

    func check(_ builds: [Build], for entry: OutboxEntryID) async throws(StorageError) {
        let isKnown = checked.withLockedValue { $0.contains(entry) }
        for build in builds where build.state == .succeeded && build.filesRemovedAt == nil {
            for artifact in build.artifacts {
                if isKnown { try await measure(artifact, of: build.id) } else { try await read(artifact, of: build.id) }
            }
        }
        guard !isKnown, builds.contains(where: { !$0.artifacts.isEmpty }) else { return }
        checked.withLockedValue { if $0.count < Self.most { $0.insert(entry) } }
    }

    /// Nothing more is done for the entry.
    func forget(_ entry: OutboxEntryID) {
        _ = checked.withLockedValue { $0.remove(entry) }
    }

    private func measure(_ artifact: Artifact, of build: BuildID) async throws(StorageError) {
        let key = ObjectKey(build: build, name: artifact.name)
        guard let size = try await objects.size(of: key) else { throw .missingObject(key: key.description) }
        guard size == artifact.bytes else { throw .corrupt(detail: "\(key) has another size") }
    }

    private func read(_ artifact: Artifact, of build: BuildID) async throws(StorageError) {
        let key = ObjectKey(build: build, name: artifact.name)
        var hash = SHA256()
        var offset: Int64 = 0
        while offset < artifact.bytes {
            let piece = try await objects.read(key, from: offset, length: 1 << 20)
            guard !piece.isEmpty else { throw .missingObject(key: key.description) }
            hash.update(data: piece)
            offset += Int64(piece.count)
        }
        let digest = hash.finalize().hexText
        guard digest == artifact.sha256 else { throw .corrupt(detail: "\(key) has another checksum") }
    }
}

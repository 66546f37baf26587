import Archives
import Domain

/// Walks archives to their end before they are accepted; nothing of them is unpacked to disk.
package struct ArchiveGuard: Sendable {
    private let inspector: ArchiveInspector

    /// - Parameter atOnce: how many archives are walked at the same time; others wait.
    package init(atOnce: Int = 2) {
        inspector = ArchiveInspector(atOnce: atOnce)
    }

    func inspect(_ file: GuardedFile, rule: ArchiveRule) async throws -> GuardVerdict {
        guard let format = ArchiveFormat(mimeType: file.upload.contentType) else {
            return .refused(.archiveRefused(problem: "This is not an archive that can be looked through.", entry: nil))
        }
        let limits = ArchiveLimits(maxEntries: rule.maxEntries, maxUnpackedBytes: rule.maxUnpackedBytes)
        do throws(ArchiveError) {
            _ = try await inspector.walk(fileAt: file.path, format: format, limits: limits, required: rule.required)
            return .kept
        } catch {
            switch error {
            case .refused(let refusal):
                return .refused(.archiveRefused(problem: refusal.message, entry: refusal.entry.map { "\($0)" }))
            case .cancelled: throw CancellationError()
            case .io(_, let code): throw IntakeError(systemCode: code)
            }
        }
    }
}

extension ArchiveRefusal {
    /// The entry at fault, as it can be shown.
    fileprivate var entry: ShownName? {
        switch self {
        case .notAnArchive, .empty, .tooManyEntries, .tooLarge, .unreadable: nil
        case .missingRequired(let names): names.first?.expected
        case .entryTooLarge(let name, _), .absolutePath(let name), .parentPath(let name), .link(let name),
            .device(let name), .fifo(let name), .socket(let name), .duplicateName(let name, _),
            .fileAndFolder(let name),
            .encrypted(let name), .badName(let name, _), .unsupportedCompression(let name),
            .overlappingEntries(let name), .noSuchEntry(let name):
            name
        }
    }
}

import Foundation

@testable import Archives

/// A folder of one test's own, removed with it.
final class Scratch: Sendable {
    let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("archives-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }

    func file(_ bytes: [UInt8], _ name: String = UUID().uuidString) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    /// What a walk over these bytes is refused with, or nil if it is taken.
    func refusal(
        _ bytes: [UInt8], _ format: ArchiveFormat, limits: ArchiveLimits = ArchiveLimits(), required: [String] = []
    ) async throws -> ArchiveRefusal? {
        do {
            let path = try file(bytes)
            _ = try await ArchiveInspector().walk(fileAt: path, format: format, limits: limits, required: required)
            return nil
        } catch ArchiveError.refused(let refusal) {
            return refusal
        }
    }

    var openDescriptors: Int {
        get throws { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
    }
}

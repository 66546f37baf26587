import Foundation
import TestSupport

/// A file system of two megabytes for one test, in memory; gone with its owner. Mounting asks for root or `sudo`.
final class SmallDisk: Sendable {
    let path: String
    private let directory: TemporaryDirectory

    /// Whether this user may mount; a machine where nobody may runs the other disk-full tests only.
    static let isPossible: Bool = {
        guard let disk = try? SmallDisk() else { return false }
        return disk.isMounted
    }()

    private let isMounted: Bool

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path("small")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        isMounted = Self.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=0777", "tmpfs", path])
    }

    /// Takes up room; the file's removal gives it back.
    func fill(leaving bytes: Int) throws {
        let attributes = try FileManager.default.attributesOfFileSystem(forPath: path)
        let free = (attributes[.systemFreeSize] as? NSNumber)?.intValue ?? 0
        try Data(count: max(0, free - bytes)).write(to: URL(filePath: path + "/filler"))
    }

    func makeRoom() throws {
        try FileManager.default.removeItem(atPath: path + "/filler")
    }

    private static func run(_ command: [String]) -> Bool {
        (try? Program.runHere(getuid() == 0 ? command : ["sudo", "-n"] + command))?.code == 0
    }

    deinit {
        if isMounted { _ = Self.run(["umount", "-l", path]) }
    }
}

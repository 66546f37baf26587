import Archives
import Domain
import Sandbox

/// Looks at a package that a run made, before anything is done with a key: whether it is one, whose it is, and that nobody
/// has signed it yet.
struct PackageLook: Sendable {
    /// What a package may hold; the sizes are bounded by its artifact's rule.
    private static let limits = ArchiveLimits(
        maxEntries: 60_000, maxUnpackedBytes: 2 << 30, maxEntryBytes: 1 << 30, maxNameBytes: 1024, maxDepth: 64)
    /// Android's own limit of a package's name is 223 bytes.
    private static let longestName = 223
    private static let magic = Array("APK Sig Block 42".utf8)

    let tools: SigningTools
    private let inspector = ArchiveInspector()

    init(tools: SigningTools) {
        self.tools = tools
    }

    /// The package's name, by its manifest.
    ///
    /// The archive is gone through strictly first: one that two readers could read as two packages is refused, so that
    /// what `aapt` names is what a phone installs.
    func package(of path: String, named file: String) async throws -> String {
        let entries = try await entries(of: path, file)
        if entries.contains(where: Self.isSignature) { throw SigningFault.unsignable(FailureWords.signed(file)) }
        let hasBlock = try await Blocking.run { () throws(FileFault) in try Self.hasSigningBlock(path) }
        if hasBlock { throw SigningFault.unsignable(FailureWords.signed(file)) }
        let end: SigningTools.End
        do {
            end = try await tools.run(
                .aapt, ["dump", "permissions", "/kiln/app.apk"], reading: [SandboxBind(path, at: "/kiln/app.apk")])
        } catch is SigningToolLimit {
            throw SigningFault.unsignable(FailureWords.noPackage(file))
        }
        // `permissions` and not `badging`: it needs no resources, and prints the name as it is.
        let label = "package: "
        guard end.code == 0, let line = end.output.split(separator: "\n").first, line.hasPrefix(label),
            case let name = String(line.dropFirst(label.count)), Self.isName(name)
        else { throw SigningFault.unsignable(FailureWords.noPackage(file)) }
        return name
    }

    private func entries(of path: String, _ file: String) async throws -> [String] {
        do throws(ArchiveError) {
            return try await inspector.walk(fileAt: path, format: .zip, limits: Self.limits).entries.map(\.name)
        } catch {
            switch error {
            case .refused(let refusal):
                throw SigningFault.unsignable(FailureWords.brokenPackage(file, "\(refusal)"))
            case .cancelled: throw CancellationError()
            default: throw SigningFault.unavailable(reason: "`\(file)` could not be read: \(error)")
            }
        }
    }

    /// Two names at least, of letters, digits and `_`, each beginning with a letter: as Android wants it.
    static func isName(_ text: String) -> Bool {
        guard text.utf8.count <= longestName else { return false }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count >= 2
            && parts.allSatisfy { part in
                guard let first = part.unicodeScalars.first, first.properties.isAlphabetic else { return false }
                return part.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
            }
    }

    /// Whether a recipe signs this package: `org.example.event.*` stands for everything below it.
    static func isAllowed(_ package: String, by packages: String) -> Bool {
        guard packages.hasSuffix(".*") else { return package == packages }
        return package.hasPrefix(packages.dropLast())
    }

    private static func isSignature(_ entry: String) -> Bool {
        let name = entry.uppercased()
        guard name.hasPrefix("META-INF/"), name.dropFirst("META-INF/".count).firstIndex(of: "/") == nil else {
            return false
        }
        return [".SF", ".RSA", ".DSA", ".EC"].contains { name.hasSuffix($0) }
    }

    /// The block of the schemes 2 and 3 lies before the directory, whose place the archive's last record tells; that the
    /// record is sound was seen before.
    private static func hasSigningBlock(_ path: String) throws(FileFault) -> Bool {
        let size = try FileWork.size(of: path)
        let tail = try FileWork.read(path, from: max(0, size - 65_557), count: 65_557)
        guard tail.count >= 22,
            let end = (0...(tail.count - 22)).last(where: { tail[$0..<($0 + 4)].elementsEqual([0x50, 0x4B, 5, 6]) })
        else { return false }
        let directory = (0..<4).reduce(Int64(0)) { $0 | Int64(tail[end + 16 + $1]) << (8 * Int64($1)) }
        guard directory >= 16, directory <= size else { return false }
        return try FileWork.read(path, from: directory - 16, count: 16) == magic
    }
}

/// The archive formats that Kiln takes and writes. Nothing else is ever handed to a decoder.
package enum ArchiveFormat: String, Sendable, Hashable, CaseIterable {
    case zip
    case tar
    /// A tar packed once with gzip; a gzip file with anything else in it is refused.
    case tarGzip

    /// The format to try for a sniffed MIME type, or nil if Kiln does not take it.
    package init?(mimeType: String) {
        switch mimeType {
        case "application/zip", "application/java-archive", "application/vnd.android.package-archive": self = .zip
        case "application/x-tar": self = .tar
        case "application/gzip": self = .tarGzip
        default: return nil
        }
    }
}

/// What an archive may hold. All limits are of what is really unpacked, whatever the archive declares.
package struct ArchiveLimits: Sendable, Hashable, Codable {
    /// Files and folders together.
    package var maxEntries: Int
    package var maxUnpackedBytes: Int64
    package var maxEntryBytes: Int64
    /// UTF-8 bytes of a whole path.
    package var maxNameBytes: Int
    /// Folders above an entry, and itself.
    package var maxDepth: Int
    /// Unpacked bytes per packed byte. Honest logs reach 300, so this is off by default; it counts from 16 MiB on.
    package var maxRatio: Int64?

    package init(
        maxEntries: Int = 10_000, maxUnpackedBytes: Int64 = 512 << 20, maxEntryBytes: Int64 = 256 << 20,
        maxNameBytes: Int = 512, maxDepth: Int = 32, maxRatio: Int64? = nil
    ) {
        self.maxEntries = maxEntries
        self.maxUnpackedBytes = maxUnpackedBytes
        self.maxEntryBytes = maxEntryBytes
        self.maxNameBytes = maxNameBytes
        self.maxDepth = maxDepth
        self.maxRatio = maxRatio
    }

    static let ratioCountsFrom: Int64 = 16 << 20
}

/// What an archive holds, after all of it was unpacked once and found good.
package struct ArchiveSummary: Sendable, Hashable {
    /// Files and folders in the archive's order, with clean names.
    package let entries: [ArchiveEntry]
    package let unpackedBytes: Int64
    package var fileCount: Int { entries.count { !$0.isDirectory } }
}

/// A file or folder in an archive.
package struct ArchiveEntry: Sendable, Hashable {
    /// A relative path with `/` between its parts, without `.`, `..`, empty parts or a slash at its end.
    package let name: String
    package let isDirectory: Bool
    /// Bytes really unpacked; 0 for folders.
    package let bytes: Int64
}

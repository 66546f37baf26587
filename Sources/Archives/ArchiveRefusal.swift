/// Why an archive is not taken. Always something that its sender can mend, so it names the entry.
package enum ArchiveRefusal: Error, Sendable, Hashable {
    case notAnArchive(expected: ArchiveFormat)
    case empty
    case tooManyEntries(limit: Int)
    /// All of it together, or its ratio, is over the limit.
    case tooLarge(limit: Int64)
    case entryTooLarge(ShownName, limit: Int64)
    case absolutePath(ShownName)
    /// A `..` part.
    case parentPath(ShownName)
    /// A symbolic or hard link.
    case link(ShownName)
    case device(ShownName)
    case fifo(ShownName)
    case socket(ShownName)
    /// Two names that are one on a computer that ignores case or Unicode forms.
    case duplicateName(ShownName, earlier: ShownName)
    /// A name that is both a file and a folder.
    case fileAndFolder(ShownName)
    case encrypted(ShownName)
    case badName(ShownName, reason: BadName)
    /// A ZIP entry packed with something else than "store" or "deflate".
    case unsupportedCompression(ShownName)
    /// Entries of a ZIP lie over each other, which only bombs do.
    case overlappingEntries(ShownName)
    case unreadable(reason: ShownName)
    case missingRequired([MissingName])
    /// No entry has this name (``ArchiveInspector/readEntry(named:fileAt:format:limits:)``).
    case noSuchEntry(ShownName)

    package enum BadName: String, Sendable, Hashable {
        case empty, notUTF8, controlCharacter, backslash, windowsDrive, tooLong, tooDeep, twoNames, slashAfterFile
    }

    /// A name that had to be there, and the nearest that was.
    package struct MissingName: Sendable, Hashable {
        package let expected: ShownName
        package let found: ShownName?
    }
}

/// Why the work on an archive ended without an answer, or with a no.
package enum ArchiveError: Error, Sendable, Hashable {
    /// For good: the archive is at fault.
    case refused(ArchiveRefusal)
    case cancelled
    /// The machine is at fault: may be tried again.
    case io(operation: String, errno: Int32)
}

extension ArchiveRefusal {
    /// One sentence for the sender: what is wrong, where, and what would be right. Plain text, safe to show once escaped.
    package var message: String {
        switch self {
        case .notAnArchive(let expected): "This is not a readable \(expected.words)."
        case .empty: "The archive has no files in it."
        case .tooManyEntries(let limit): "The archive has more than \(limit) files and folders."
        case .tooLarge(let limit): "Unpacked, the archive is larger than \(Self.size(limit))."
        case .entryTooLarge(let name, let limit): "“\(name)” is larger than \(Self.size(limit)) when unpacked."
        case .absolutePath(let name): "“\(name)” is an absolute path. Pack the files with relative paths."
        case .parentPath(let name): "“\(name)” points outside of the archive with “..”."
        case .link(let name): "“\(name)” is a link. Pack the file itself."
        case .device(let name): "“\(name)” is a device, not a file."
        case .fifo(let name): "“\(name)” is a named pipe, not a file."
        case .socket(let name): "“\(name)” is a socket, not a file."
        case .duplicateName(let name, let earlier):
            "“\(name)” and “\(earlier)” are the same name on many computers. Rename one of them."
        case .fileAndFolder(let name): "“\(name)” is both a file and a folder."
        case .encrypted(let name): "“\(name)” is protected with a password. Pack it without one."
        case .badName(let name, let reason): "“\(name)” \(reason.words)."
        case .unsupportedCompression(let name): "“\(name)” is compressed in an unusual way. Use the ordinary “deflate”."
        case .overlappingEntries(let name): "The archive is built wrongly: “\(name)” overlaps another entry."
        case .unreadable(let reason): "The archive is damaged or cut off (\(reason))."
        case .missingRequired(let names): "Missing in the archive: \(names.map(\.words).joined(separator: "; "))."
        case .noSuchEntry(let name): "The archive has no “\(name)”."
        }
    }

    private static func size(_ bytes: Int64) -> String {
        bytes >= 1 << 20 ? "\(bytes >> 20) MiB" : bytes >= 1 << 10 ? "\(bytes >> 10) KiB" : "\(bytes) bytes"
    }
}

extension ArchiveRefusal.BadName {
    fileprivate var words: String {
        switch self {
        case .empty: "has no name"
        case .notUTF8: "has a name that is not valid UTF-8; pack it with a current program"
        case .controlCharacter: "has an invisible control character in its name"
        case .backslash: "has a backslash in its name"
        case .windowsDrive: "begins with a drive letter"
        case .tooLong: "has too long a name"
        case .tooDeep: "lies in too many folders"
        case .twoNames: "has two different names in the archive"
        case .slashAfterFile: "is a file whose name ends with a slash"
        }
    }
}

extension ArchiveRefusal.MissingName {
    fileprivate var words: String {
        guard let found else { return "“\(expected)”" }
        return "“\(expected)” (found “\(found)”)"
    }
}

extension ArchiveFormat {
    fileprivate var words: String {
        switch self {
        case .zip: "ZIP archive"
        case .tar: "tar archive"
        case .tarGzip: "tar.gz archive"
        }
    }
}

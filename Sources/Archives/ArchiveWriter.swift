/// Writes archives that are the same for the same content: fixed times, owners and modes.
package struct ArchiveWriter: Sendable {
    private let lanes: BlockingLanes

    package init(atOnce: Int = 2) { lanes = BlockingLanes(count: atOnce) }

    /// Writes `items`, in their order, to a new file at `path`, which must not exist, and returns its size. Files are
    /// streamed. On failure or cancellation the file is removed.
    ///
    /// Names are held to the rules for received archives, and may not collide.
    package func write(
        _ items: [ArchiveItem], as format: ArchiveFormat, to path: String
    ) async throws(ArchiveError) -> Int64 {
        try await lanes.run { flag throws(ArchiveError) in
            do throws(ArchiveError) {
                return try Self.write(items, format, path, flag)
            } catch {
                if error != .io(operation: "open", errno: 17) { removeFile(path) }  // EEXIST: the file is another's
                throw error
            }
        }
    }

    private static func write(
        _ items: [ArchiveItem], _ format: ArchiveFormat, _ path: String, _ flag: CancellationFlag
    ) throws(ArchiveError) -> Int64 {
        let output = try ArchiveOutput(path: path, format: format)
        var tree = NameTree()
        for item in items {
            try flag.check()
            let name = try tree.add(item)
            switch item {
            case .directory: try output.beginDirectory(name)
            case .bytes(_, let bytes):
                try output.beginFile(name, bytes: Int64(bytes.count))
                try output.write(bytes, count: bytes.count)
            case .file(_, let source): try stream(source, as: name, to: output, flag)
            }
        }
        return try output.finish()
    }

    private static func stream(
        _ source: String, as name: String, to output: ArchiveOutput, _ flag: CancellationFlag
    ) throws(ArchiveError) {
        let file = try OpenFile(reading: source)
        try output.beginFile(name, bytes: file.size)
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        var done: Int64 = 0
        while done < file.size {
            try flag.check()
            let wanted = Int(min(Int64(buffer.count), file.size - done))
            let got = min(wanted, try file.read(into: &buffer, at: done))
            guard got > 0 else { throw .io(operation: "read", errno: 5) }  // EIO: it shrank meanwhile
            try output.write(buffer, count: got)
            done += Int64(got)
        }
    }
}

/// Something to put into an archive.
package enum ArchiveItem: Sendable {
    case directory(_ name: String)
    case bytes(_ name: String, _ content: [UInt8])
    /// A regular file's content as it is when its turn comes.
    case file(_ name: String, from: String)

    fileprivate var name: String {
        switch self {
        case .directory(let name), .bytes(let name, _), .file(let name, _): name
        }
    }
}

extension NameTree {
    /// Takes the name of something that is to be written: held to the rules for received archives, and not there yet.
    mutating func add(_ item: ArchiveItem) throws(ArchiveError) -> String {
        let isDirectory = if case .directory = item { true } else { false }
        do throws(ArchiveRefusal) {
            let name = try EntryName(Array(item.name.utf8), isDirectory: isDirectory, limits: ArchiveLimits())
            guard !name.parts.isEmpty else { throw .badName(ShownName(item.name), reason: .empty) }
            try add(name, isDirectory: isDirectory)
            return name.text
        } catch {
            throw .refused(error)
        }
    }
}

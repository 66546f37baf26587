/// Looks through untrusted archives, piece by piece, without writing anything of them anywhere.
///
/// Memory is bounded by the limits' names; work runs on threads of its own and stops when the task is cancelled.
package struct ArchiveInspector: Sendable {
    private let lanes: BlockingLanes

    /// An inspector that works on up to `atOnce` archives at a time.
    package init(atOnce: Int = 2) { lanes = BlockingLanes(count: atOnce) }

    /// Unpacks the whole archive into nothing and returns what is in it, or refuses it and names the entry at fault.
    ///
    /// - Parameter required: names that have to be there; one with `/` at its end is a folder.
    package func walk(
        fileAt path: String, format: ArchiveFormat, limits: ArchiveLimits, required: [String] = []
    ) async throws(ArchiveError) -> ArchiveSummary {
        try await lanes.run { flag throws(ArchiveError) in
            try Self.walk(path, format, limits, required, flag)
        }
    }

    /// The content of one entry, by its clean name. Nothing else of the archive is checked: ``walk(fileAt:format:limits:required:)``
    /// comes first.
    package func readEntry(
        named name: String, fileAt path: String, format: ArchiveFormat, limits: ArchiveLimits
    ) async throws(ArchiveError) -> [UInt8] {
        try await lanes.run { flag throws(ArchiveError) in
            var content: [UInt8] = []
            _ = try Self.copy(name, path, format, limits, flag) { bytes, count throws(ArchiveError) in
                content += bytes[..<count]
            }
            return content
        }
    }

    /// Writes one entry to a new file at `destination`, which must not exist, and returns its size. On failure the file
    /// is removed.
    package func extractEntry(
        named name: String, fileAt path: String, format: ArchiveFormat, limits: ArchiveLimits, to destination: String
    ) async throws(ArchiveError) -> Int64 {
        try await lanes.run { flag throws(ArchiveError) in
            let file = try OpenFile(creating: destination)
            do throws(ArchiveError) {
                return try Self.copy(name, path, format, limits, flag) { bytes, count throws(ArchiveError) in
                    try file.write(bytes, count: count)
                }
            } catch {
                removeFile(destination)
                throw error
            }
        }
    }

    /// Writes every file that `isWanted`, in one pass, to a new file in `folder`, and returns their clean names and paths
    /// in the archive's order. The paths are of our own making, so that no name in the archive counts. On failure the
    /// files that were written are removed.
    package func extractEntries(
        fileAt path: String, format: ArchiveFormat, limits: ArchiveLimits, into folder: String,
        where isWanted: @escaping @Sendable (String) -> Bool
    ) async throws(ArchiveError) -> [(name: String, path: String)] {
        try await lanes.run { flag throws(ArchiveError) in
            var made: [(name: String, path: String)] = []
            do throws(ArchiveError) {
                try Self.extract(path, format, limits, flag, isWanted) { name throws(ArchiveError) in
                    let target = "\(folder)/entry-\(made.count)"
                    let file = try OpenFile(creating: target)
                    made.append((name, target))
                    return file
                }
            } catch {
                for file in made { removeFile(file.path) }
                throw error
            }
            return made
        }
    }

    private static func walk(
        _ path: String, _ format: ArchiveFormat, _ limits: ArchiveLimits, _ required: [String], _ flag: CancellationFlag
    ) throws(ArchiveError) -> ArchiveSummary {
        let reader = try ArchiveReader(path: path, format: format, limits: limits)
        var budget = Budget(limits: limits, packedBytes: reader.packedBytes)
        var tree = NameTree()
        var entries: [ArchiveEntry] = []
        var seen = 0
        while let header = try reader.next() {
            seen += 1
            guard seen <= limits.maxEntries else { throw .refused(.tooManyEntries(limit: limits.maxEntries)) }
            do throws(ArchiveRefusal) { try tree.add(header.name, isDirectory: header.isDirectory) } catch {
                throw .refused(error)
            }
            try budget.begin(header)
            while let reached = try reader.skipBlock() {
                try flag.check()
                try budget.reach(reached)
            }
            let bytes = budget.end()
            guard !header.name.parts.isEmpty else { continue }
            entries.append(ArchiveEntry(name: header.name.text, isDirectory: header.isDirectory, bytes: bytes))
        }
        guard !entries.isEmpty else { throw .refused(.empty) }
        let missing = RequiredNames.missing(required, in: entries)
        guard missing.isEmpty else { throw .refused(.missingRequired(missing)) }
        return ArchiveSummary(entries: entries, unpackedBytes: budget.total)
    }

    private static func extract(
        _ path: String, _ format: ArchiveFormat, _ limits: ArchiveLimits, _ flag: CancellationFlag,
        _ isWanted: (String) -> Bool, to make: (String) throws(ArchiveError) -> OpenFile
    ) throws(ArchiveError) {
        let reader = try ArchiveReader(path: path, format: format, limits: limits)
        var budget = Budget(limits: limits, packedBytes: reader.packedBytes)
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        var seen = 0
        while let header = try reader.next() {
            try flag.check()
            seen += 1
            guard seen <= limits.maxEntries else { throw .refused(.tooManyEntries(limit: limits.maxEntries)) }
            try budget.begin(header)
            if header.isDirectory || !isWanted(header.name.text) {
                while let reached = try reader.skipBlock() {
                    try flag.check()
                    try budget.reach(reached)
                }
            } else {
                let file = try make(header.name.text)
                var written: Int64 = 0
                while case let count = try reader.read(into: &buffer), count > 0 {
                    try flag.check()
                    written += Int64(count)
                    try budget.reach(written)
                    try file.write(buffer, count: count)
                }
            }
            _ = budget.end()
        }
    }

    private static func copy(
        _ name: String, _ path: String, _ format: ArchiveFormat, _ limits: ArchiveLimits, _ flag: CancellationFlag,
        to sink: ([UInt8], Int) throws(ArchiveError) -> Void
    ) throws(ArchiveError) -> Int64 {
        let reader = try ArchiveReader(path: path, format: format, limits: limits)
        var budget = Budget(limits: limits, packedBytes: reader.packedBytes)
        while let header = try reader.next() {
            try flag.check()
            try budget.begin(header)
            guard header.name.text == name, !header.isDirectory else {
                while let reached = try reader.skipBlock() {
                    try flag.check()
                    try budget.reach(reached)
                }
                _ = budget.end()
                continue
            }
            var buffer = [UInt8](repeating: 0, count: 256 << 10)
            var written: Int64 = 0
            while case let count = try reader.read(into: &buffer), count > 0 {
                try flag.check()
                written += Int64(count)
                try budget.reach(written)
                try sink(buffer, count)
            }
            return written
        }
        throw .refused(.noSuchEntry(ShownName(name)))
    }
}

/// Counts what is really unpacked, and stops at the limits.
private struct Budget {
    private(set) var total: Int64 = 0
    private let limits: ArchiveLimits
    private let packedBytes: Int64
    private var current = ShownName("")
    private var reached: Int64 = 0

    init(limits: ArchiveLimits, packedBytes: Int64) {
        self.limits = limits
        self.packedBytes = packedBytes
    }

    /// A declared size over the limit is refused at once; a smaller one is only believed when it was counted.
    mutating func begin(_ header: ArchiveReader.Header) throws(ArchiveError) {
        current = ShownName(header.name.text)
        reached = 0
        try check(header.declaredBytes)
    }

    mutating func reach(_ position: Int64) throws(ArchiveError) {
        reached = max(reached, position)
        try check(reached)
    }

    mutating func end() -> Int64 {
        total += reached
        return reached
    }

    private func check(_ bytes: Int64) throws(ArchiveError) {
        // An entry that is too large by itself is named, whichever limit it breaks.
        let single = min(limits.maxEntryBytes, limits.maxUnpackedBytes)
        if bytes > single { throw .refused(.entryTooLarge(current, limit: single)) }
        if bytes > limits.maxUnpackedBytes - total { throw .refused(.tooLarge(limit: limits.maxUnpackedBytes)) }
        guard let ratio = limits.maxRatio, total + bytes > ArchiveLimits.ratioCountsFrom else { return }
        if (total + bytes) / max(1, packedBytes) >= ratio { throw .refused(.tooLarge(limit: ratio * packedBytes)) }
    }
}

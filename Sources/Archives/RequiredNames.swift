/// Checks that an archive has the names that a recipe asks for.
enum RequiredNames {
    private struct Hit: Comparable {
        let foldersAbove: Int
        let path: String

        static func < (left: Hit, right: Hit) -> Bool {
            (left.foldersAbove, left.path) < (right.foldersAbove, right.path)
        }
    }

    /// Those of `required` that are missing, each with the entry that was probably meant. A name with `/` at its end asks
    /// for a folder, which may be there only through its files.
    static func missing(_ required: [String], in entries: [ArchiveEntry]) -> [ArchiveRefusal.MissingName] {
        required.compactMap { name in
            let isFolder = name.hasSuffix("/")
            let wanted = name.split(separator: "/").map(String.init)
            let folded = wanted.map { $0.lowercased() }
            var nearest: Hit?
            for entry in entries {
                guard let hit = hit(folded, isFolder: isFolder, in: entry) else { continue }
                if hit.path == wanted.joined(separator: "/") { return nil }
                nearest = nearest.map { min($0, hit) } ?? hit
            }
            let found = nearest.map { ShownName(isFolder ? $0.path + "/" : $0.path) }
            return ArchiveRefusal.MissingName(expected: ShownName(name), found: found)
        }
    }

    /// Where the wanted parts lie in an entry's path, ignoring case and folders above.
    private static func hit(_ wanted: [String], isFolder: Bool, in entry: ArchiveEntry) -> Hit? {
        guard isFolder || !entry.isDirectory else { return nil }
        let parts = entry.name.split(separator: "/").map(String.init)
        let usable = isFolder && !entry.isDirectory ? parts.count - 1 : parts.count
        guard !wanted.isEmpty, usable >= wanted.count else { return nil }
        let starts = isFolder ? 0...(usable - wanted.count) : (usable - wanted.count)...(usable - wanted.count)
        for start in starts {
            let window = parts[start..<(start + wanted.count)]
            guard zip(window, wanted).allSatisfy({ $0.lowercased() == $1 }) else { continue }
            return Hit(foldersAbove: start, path: parts[..<(start + wanted.count)].joined(separator: "/"))
        }
        return nil
    }
}

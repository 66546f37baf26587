/// A name from an archive that may become a path below a folder of ours.
struct EntryName: Hashable {
    /// The parts of the path; empty only for the archive's own top folder (`./`).
    let parts: [String]
    var text: String { parts.joined(separator: "/") }

    /// Checks the raw bytes of a name.
    init(_ raw: [UInt8], isDirectory: Bool, limits: ArchiveLimits) throws(ArchiveRefusal) {
        let shown = ShownName(raw)
        guard raw.count <= limits.maxNameBytes else { throw .badName(shown, reason: .tooLong) }
        guard !raw.isEmpty else { throw .badName(shown, reason: .empty) }
        guard let text = String(validating: raw, as: UTF8.self) else { throw .badName(shown, reason: .notUTF8) }
        try Self.checkCharacters(text, shown)
        let pieces = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard !text.utf8.starts(with: "/".utf8) else { throw .absolutePath(shown) }
        guard !pieces.contains("..") else { throw .parentPath(shown) }
        if !isDirectory, ["", "."].contains(pieces.last) { throw .badName(shown, reason: .slashAfterFile) }
        parts = pieces.filter { $0 != "" && $0 != "." }
        guard parts.count <= limits.maxDepth else { throw .badName(shown, reason: .tooDeep) }
        guard parts.allSatisfy({ $0.utf8.count <= 255 }) else { throw .badName(shown, reason: .tooLong) }
    }

    private static func checkCharacters(_ text: String, _ shown: ShownName) throws(ArchiveRefusal) {
        for scalar in text.unicodeScalars {
            if scalar == "\\" { throw .badName(shown, reason: .backslash) }
            let isControl = scalar.properties.generalCategory == .control || scalar.properties.isBidiControl
            let isBreak = scalar == "\u{2028}" || scalar == "\u{2029}" || scalar == "\u{FEFF}"
            if isControl || isBreak { throw .badName(shown, reason: .controlCharacter) }
        }
        let head = Array(text.utf8.prefix(2))
        let isLetter = head.first.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) } ?? false
        if isLetter, head.count == 2, head[1] == UInt8(ascii: ":") { throw .badName(shown, reason: .windowsDrive) }
    }
}

/// The names of one archive as a tree, to find two that are one: by case, by Unicode form, as file and as folder.
///
/// Memory is bounded by the bytes of all names: each part is kept once.
struct NameTree {
    private struct Place: Hashable {
        let folder: Int
        let folded: String
    }

    private struct Node {
        let index: Int
        let spelling: String
        let isDirectory: Bool
    }

    private var nodes: [Place: Node] = [:]

    /// Adds a name, or says what it collides with. The same folder may come twice, a file may not.
    mutating func add(_ name: EntryName, isDirectory: Bool) throws(ArchiveRefusal) {
        var folder = 0
        for (depth, part) in name.parts.enumerated() {
            let isLast = depth == name.parts.count - 1
            let node = Node(
                index: nodes.count + 1, spelling: part, isDirectory: !isLast || isDirectory)
            folder = try visit(node, in: folder, name: name, depth: depth)
        }
    }

    private mutating func visit(
        _ node: Node, in folder: Int, name: EntryName, depth: Int
    ) throws(ArchiveRefusal) -> Int {
        // Swift compares strings by canonical equivalence, so only case has to be folded.
        let place = Place(folder: folder, folded: node.spelling.uppercased().lowercased())
        guard let known = nodes[place] else {
            nodes[place] = node
            return node.index
        }
        let shown = ShownName(name.parts[...depth].joined(separator: "/"))
        let isSameSpelling = known.spelling.unicodeScalars.elementsEqual(node.spelling.unicodeScalars)
        guard isSameSpelling, known.isDirectory || node.isDirectory else {
            let earlier = name.parts[..<depth] + [known.spelling]
            throw .duplicateName(shown, earlier: ShownName(earlier.joined(separator: "/")))
        }
        guard known.isDirectory, node.isDirectory else { throw .fileAndFolder(shown) }
        return known.index
    }
}

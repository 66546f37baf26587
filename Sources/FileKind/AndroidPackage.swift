/// Tells an Android package from any other ZIP by its directory, wherever in the file the manifest lies.
enum AndroidPackage {
    private static let endRecordBytes = 22
    private static let longestComment = 65_535
    private static let directoryBytesLimit = 1 << 20

    /// True if the ZIP's directory (as much of it as lies within 1 MiB) names `AndroidManifest.xml` at the top.
    static func isOne(_ file: borrowing RegularFile) throws(FileKindError) -> Bool {
        let tailStart = max(0, file.size - endRecordBytes - longestComment)
        let tail = try file.read(at: tailStart, upTo: file.size - tailStart)
        guard let end = lastEndRecord(in: tail) else { return false }
        let length = min(little(tail, at: end + 12, 4), directoryBytesLimit)
        let directory = try file.read(at: little(tail, at: end + 16, 4), upTo: length)
        return names(in: directory, contain: Array("AndroidManifest.xml".utf8))
    }

    private static func lastEndRecord(in tail: [UInt8]) -> Int? {
        guard tail.count >= endRecordBytes else { return nil }
        return (0...(tail.count - endRecordBytes)).last { starts(tail, at: $0, with: [0x50, 0x4B, 5, 6]) }
    }

    private static func names(in directory: [UInt8], contain name: [UInt8]) -> Bool {
        var at = 0
        while at + 46 <= directory.count, starts(directory, at: at, with: [0x50, 0x4B, 1, 2]) {
            let nameBytes = little(directory, at: at + 28, 2)
            if nameBytes == name.count, starts(directory, at: at + 46, with: name) { return true }
            at += 46 + nameBytes + little(directory, at: at + 30, 2) + little(directory, at: at + 32, 2)
        }
        return false
    }

    private static func starts(_ bytes: [UInt8], at offset: Int, with pattern: [UInt8]) -> Bool {
        offset + pattern.count <= bytes.count && bytes[offset..<(offset + pattern.count)].elementsEqual(pattern)
    }

    private static func little(_ bytes: [UInt8], at offset: Int, _ count: Int) -> Int {
        bytes[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}

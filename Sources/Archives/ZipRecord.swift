/// One record of a ZIP's directory, checked by itself and against the entry's local header.
struct ZipRecord {
    /// Where the next record begins.
    let end: Int64
    private let name: [UInt8]
    private let flags: Int
    private let method: Int
    private var packedBytes: Int64
    private var localHeader: Int64
    private var hasSecondName = false

    private var shown: ShownName { ShownName(name) }

    init(
        at offset: Int64, in window: inout FileWindow, of file: borrowing OpenFile, limits: ArchiveLimits
    ) throws(ArchiveError) {
        guard let fixed = try window.bytes(at: offset, count: 46, of: file),
            fixed.starts(with: [0x50, 0x4B, 1, 2], at: 0)
        else { throw damaged("its directory is broken") }
        let nameBytes = fixed.little(28, 2)
        let extraBytes = fixed.little(30, 2)
        end = offset + 46 + Int64(nameBytes + extraBytes + fixed.little(32, 2))
        guard let name = try file.bytes(at: offset + 46, count: min(nameBytes, limits.maxNameBytes + 1)),
            let extra = try file.bytes(at: offset + 46 + Int64(nameBytes), count: extraBytes)
        else { throw damaged("its directory is cut off") }
        self.name = name
        flags = fixed.little(8, 2)
        method = fixed.little(10, 2)
        packedBytes = Int64(fixed.little(20, 4))
        localHeader = Int64(fixed.little(42, 4))
        try readExtra(extra, unpackedIsWide: fixed.little(24, 4) == 0xFFFF_FFFF)
        try check(limits)
        try checkType(mode: fixed.little(38, 4) >> 16, host: fixed.little(4, 2) >> 8)
    }

    /// The entry's place, after its local header was compared with this record.
    func span(of file: borrowing OpenFile, directoryStart: Int64) throws(ArchiveError) -> ZipSpan {
        guard let header = try file.bytes(at: localHeader, count: 30), header.starts(with: [0x50, 0x4B, 3, 4], at: 0),
            let localName = try file.bytes(at: localHeader + 30, count: min(header.little(26, 2), name.count + 1))
        else { throw damaged("an entry is not where the directory says") }
        guard localName == name else { throw .refused(.badName(shown, reason: .twoNames)) }
        let isMaskedOrOther = header.little(6, 2) & 0x41 != 0 || header.little(8, 2) != method
        guard !isMaskedOrOther else { throw damaged("two descriptions of one entry") }
        let data = localHeader + 30 + Int64(header.little(26, 2) + header.little(28, 2))
        guard packedBytes <= directoryStart, data <= directoryStart - packedBytes else {
            throw .refused(.overlappingEntries(shown))
        }
        return ZipSpan(name: shown, start: localHeader, end: data + packedBytes)
    }

    /// Takes the 64-bit sizes and looks at the second name that some programs write.
    private mutating func readExtra(_ extra: [UInt8], unpackedIsWide: Bool) throws(ArchiveError) {
        var at = 0
        while at + 4 <= extra.count {
            let id = extra.little(at, 2)
            let length = extra.little(at + 2, 2)
            guard at + 4 + length <= extra.count else { return }  // a loose end, which readers skip
            let field = Array(extra[(at + 4)..<(at + 4 + length)])
            if id == 0x7075 { hasSecondName = true }
            if id == 0x0001 { try readWideSizes(field, from: unpackedIsWide ? 8 : 0) }
            at += 4 + length
        }
    }

    private mutating func readWideSizes(_ field: [UInt8], from start: Int) throws(ArchiveError) {
        var at = start
        if packedBytes == 0xFFFF_FFFF {
            guard let wide = field.wide(at) else { throw damaged("a 64-bit size is cut off") }
            packedBytes = wide
            at += 8
        }
        if localHeader == 0xFFFF_FFFF {
            guard let wide = field.wide(at) else { throw damaged("a 64-bit place is cut off") }
            localHeader = wide
        }
    }

    private func check(_ limits: ArchiveLimits) throws(ArchiveError) {
        guard flags & 0x2041 == 0, method != 99 else { throw .refused(.encrypted(shown)) }
        guard method == 0 || method == 8 else { throw .refused(.unsupportedCompression(shown)) }
        // libarchive would turn backslashes into slashes and end the name at a NUL. With a second name, which it takes
        // and which is checked then, the first may be in some old character set.
        let plain = hasSecondName ? name.map { $0 < 0x80 ? $0 : UInt8(ascii: "_") } : name
        do throws(ArchiveRefusal) {
            _ = try EntryName(plain, isDirectory: plain.last == UInt8(ascii: "/"), limits: limits)
        } catch {
            throw .refused(error)
        }
    }

    /// Links are refused whatever system the record claims to come from, because unpackers differ in whom they believe.
    private func checkType(mode: Int, host: Int) throws(ArchiveError) {
        let isUnix = host == 3 || host == 19
        switch mode & 0o170000 {
        case 0o120000: throw .refused(.link(shown))
        case 0o010000 where isUnix: throw .refused(.fifo(shown))
        case 0o140000 where isUnix: throw .refused(.socket(shown))
        case 0o020000 where isUnix, 0o060000 where isUnix: throw .refused(.device(shown))
        default: return
        }
    }
}

/// Makes ZIP files of stored entries, honest or not.
struct ZipMaker {
    struct Entry {
        var name: [UInt8]
        var content: [UInt8] = []
        var flags = 0
        var method = 0
        var mode = 0o100644
        var localName: [UInt8]?
        var declaredBytes: Int?
        /// Points the directory at the local header of another entry.
        var sharesHeaderOf: Int?

        init(_ name: String, _ content: String = "x") {
            self.name = Array(name.utf8)
            self.content = Array(content.utf8)
        }

        func with(_ change: (inout Entry) -> Void) -> Entry {
            var copy = self
            change(&copy)
            return copy
        }
    }

    var entries: [Entry]
    var before: [UInt8] = []
    var after: [UInt8] = []
    var declaredCount: Int?

    var bytes: [UInt8] {
        var body = before
        var directory: [UInt8] = []
        var offsets: [Int] = []
        for entry in entries {
            let offset = entry.sharesHeaderOf.map { offsets[$0] } ?? body.count
            offsets.append(offset)
            let size = little(entry.declaredBytes ?? entry.content.count, 4)
            let common = little(entry.flags, 2) + little(entry.method, 2) + little(0x21 << 16, 4)
            let sums = little(Int(crc32(entry.content)), 4) + little(entry.content.count, 4) + size
            if entry.sharesHeaderOf == nil {
                let name = entry.localName ?? entry.name
                body +=
                    [0x50, 0x4B, 3, 4, 20, 0] + common + sums + little(name.count, 2) + [0, 0] + name + entry.content
            }
            directory += [0x50, 0x4B, 1, 2, 20, 3, 20, 0] + common + sums + little(entry.name.count, 2)
            directory += [0, 0, 0, 0, 0, 0, 0, 0] + little(entry.mode << 16, 4) + little(offset, 4) + entry.name
        }
        let count = little(declaredCount ?? entries.count, 2)
        let end = [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count + count + little(directory.count, 4) + little(body.count, 4)
        return body + directory + end + [0, 0] + after
    }
}

/// Makes tar files, honest or not.
struct TarMaker {
    struct Entry {
        var name: [UInt8]
        var content: [UInt8] = []
        var type: Character = "0"
        var linkName = ""
        var declaredBytes: Int?

        init(_ name: String, _ content: String = "", type: Character = "0", linkName: String = "") {
            self.name = Array(name.utf8)
            self.content = Array(content.utf8)
            self.type = type
            self.linkName = linkName
        }
    }

    var entries: [Entry]

    var bytes: [UInt8] { entries.flatMap(Self.block) + [UInt8](repeating: 0, count: 1_024) }

    private static func block(_ entry: Entry) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ bytes: [UInt8], _ at: Int) { header.replaceSubrange(at..<(at + bytes.count), with: bytes) }
        func octal(_ value: Int, _ digits: Int) -> [UInt8] {
            let text = String(value, radix: 8)
            return Array((String(repeating: "0", count: digits - text.count) + text).utf8)
        }
        put(Array(entry.name.prefix(100)), 0)
        put(octal(0o644, 7), 100)
        put(octal(0, 7), 108)
        put(octal(0, 7), 116)
        put(octal(entry.declaredBytes ?? entry.content.count, 11), 124)
        put(octal(0, 11), 136)
        put(Array("        ".utf8), 148)
        put(Array(String(entry.type).utf8), 156)
        put(Array(entry.linkName.utf8), 157)
        put(Array("ustar\u{0}00".utf8), 257)
        put(octal(header.reduce(0) { $0 + Int($1) }, 6) + [0], 148)
        let padding = (512 - entry.content.count % 512) % 512
        return header + entry.content + [UInt8](repeating: 0, count: padding)
    }
}

/// A gzip file of stored blocks.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var packed: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
    var at = 0
    repeat {
        let count = min(65_535, bytes.count - at)
        packed += [at + count == bytes.count ? 1 : 0] + little(count, 2) + little(count ^ 0xFFFF, 2)
        packed += bytes[at..<(at + count)]
        at += count
    } while at < bytes.count
    return packed + little(Int(crc32(bytes)), 4) + little(bytes.count, 4)
}

func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

func crc32(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
}

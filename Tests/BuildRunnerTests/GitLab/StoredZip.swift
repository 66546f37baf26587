/// A ZIP as forges hand them out, its entries stored.
enum StoredZip {
    static func bytes(_ files: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        var archive: [UInt8] = []
        var directory: [UInt8] = []
        for file in files {
            let name = Array(file.name.utf8)
            let sum = checksum(file.bytes)
            let sizes = little(sum, 4) + little(UInt32(file.bytes.count), 4) + little(UInt32(file.bytes.count), 4)
            let start = UInt32(archive.count)
            let head = little(20, 2) + little(0x800, 2) + little(0, 2) + little(0, 2) + little(0x21, 2) + sizes
            archive += [0x50, 0x4B, 3, 4] + head + little(UInt32(name.count), 2) + little(0, 2) + name + file.bytes
            directory += [0x50, 0x4B, 1, 2] + little(0x314, 2) + head + little(UInt32(name.count), 2)
            directory += little(0, 2) + little(0, 2) + little(0, 2) + little(0, 2) + little(0o100644 << 16, 4)
            directory += little(start, 4) + name
        }
        let count = little(UInt32(files.count), 2)
        return archive + directory + [0x50, 0x4B, 5, 6] + little(0, 2) + little(0, 2) + count + count
            + little(UInt32(directory.count), 4) + little(UInt32(archive.count), 4) + little(0, 2)
    }

    private static func little(_ number: UInt32, _ bytes: Int) -> [UInt8] {
        (0..<bytes).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    /// CRC-32 of PKZIP.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}

import Domain
import Storage

/// What stands for the files and the log of a build in a mail to look at.
struct PreviewFiles: ObjectStore, LogStore {
    private static let log =
        Array(
            ((1...40).map { "writing sector \($0 * 1024) of 81920" } + [
                "error: no space left on device", "stopped", "cleaning up", "==> ended with 3",
            ]).joined(separator: "\n").utf8) + [0x0A]

    func put(fileAt path: String, as key: ObjectKey) async throws(StorageError) {}
    func copy(_ key: ObjectKey, to other: ObjectKey) async throws(StorageError) {}
    func size(of key: ObjectKey) async throws(StorageError) -> Int64? { nil }

    /// A picture, or zeros for the product.
    func read(_ key: ObjectKey, from offset: Int64, length: Int) async throws(StorageError) -> [UInt8] {
        guard key.name == "screen.png" else { return [UInt8](repeating: 0, count: length) }
        return Array(PreviewPicture.bytes.dropFirst(Int(offset)).prefix(length))
    }

    func removeAll(of build: BuildID) async throws(StorageError) {}
    func append(_ bytes: [UInt8], at offset: Int64, to part: LogPart) async throws(StorageError) {}
    func size(of part: LogPart) async throws(StorageError) -> Int64 { Int64(Self.log.count) }
    func size(of build: BuildID) async throws(StorageError) -> Int64 { Int64(Self.log.count) }

    func read(_ build: BuildID, from offset: Int64, length: Int) async throws(StorageError) -> [UInt8] {
        Array(Self.log.dropFirst(Int(offset)).prefix(length))
    }
}

/// A small PNG: bands of dusk over a dark ground, as a screen could look.
enum PreviewPicture {
    static let bytes: [UInt8] = {
        let (width, height) = (640, 400)
        // Four pixels a byte, out of four colours.
        var rows: [UInt8] = []
        for row in 0..<height {
            let color: UInt8 = row < 120 ? 0 : row < 220 ? 1 : row < 290 ? 2 : 3
            rows.append(0)
            rows += [UInt8](repeating: color * 0b0101_0101, count: width / 4)
        }
        var header = big(width) + big(height)
        header += [2, 3, 0, 0, 0]
        let colors: [UInt8] = [0x2A, 0x1F, 0x3D, 0x8A, 0x3B, 0x4E, 0xF2, 0xA3, 0x3A, 0x17, 0x13, 0x10]
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header) + chunk("PLTE", colors)
            + chunk("IDAT", stored(rows)) + chunk("IEND", [])
    }()

    /// A zlib stream without compression (RFC 1950, RFC 1951 section 3.2.4).
    private static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = [0x78, 0x01]
        for start in stride(from: 0, to: bytes.count, by: 65535) {
            let block = bytes[start..<min(start + 65535, bytes.count)]
            let (low, high) = (UInt8(block.count & 0xFF), UInt8(block.count >> 8))
            stream += [block.endIndex == bytes.count ? 1 : 0, low, high, ~low, ~high] + block
        }
        var (one, two): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            one = (one + UInt32(byte)) % 65521
            two = (two + one) % 65521
        }
        return stream + big(Int(two << 16 | one))
    }

    private static func chunk(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + bytes
        return big(bytes.count) + body + big(Int(crc(body)))
    }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
    }

    private static func big(_ number: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}

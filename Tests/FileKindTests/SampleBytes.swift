/// Small beginnings of files, made here.
enum SampleBytes {
    static let png: [UInt8] =
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8)
        + [0, 0, 0, 4, 0, 0, 0, 4, 8, 2, 0, 0, 0, 0x26, 0x93, 0x09, 0x29]
    static let jpeg: [UInt8] =
        [0xFF, 0xD8, 0xFF, 0xE0, 0, 16] + Array("JFIF".utf8) + [0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xFF, 0xDB, 0, 67]
    static let webp: [UInt8] = Array("RIFF".utf8) + [30, 0, 0, 0] + Array("WEBPVP8 ".utf8) + [18, 0, 0, 0] + zeros(18)
    static let gif: [UInt8] = Array("GIF89a".utf8) + [4, 0, 4, 0, 0x80, 0, 0]
    static let gzip: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    static let iso: [UInt8] = zeros(32_768) + [1] + Array("CD001".utf8) + [1, 0] + zeros(2_040)

    static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    /// A ZIP of empty stored entries with these names.
    static func zip(_ names: [String]) -> [UInt8] {
        var body: [UInt8] = []
        var directory: [UInt8] = []
        for name in names {
            let offset = little(body.count, 4)
            let sizes = zeros(12) + little(name.utf8.count, 2) + [0, 0]
            body += [0x50, 0x4B, 3, 4, 20, 0] + zeros(8) + sizes + Array(name.utf8)
            directory += [0x50, 0x4B, 1, 2, 20, 0, 20, 0] + zeros(8) + sizes + zeros(10) + offset + Array(name.utf8)
        }
        let count = little(names.count, 2)
        let end = [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count + count + little(directory.count, 4) + little(body.count, 4)
        return body + directory + end + [0, 0]
    }

    /// One empty tar entry and the end blocks.
    static func tar(_ name: String) -> [UInt8] {
        var header = zeros(512)
        func put(_ text: String, _ at: Int) { header.replaceSubrange(at..<(at + text.utf8.count), with: text.utf8) }
        put(name, 0)
        put("0000644", 100)
        put("0000000", 108)
        put("0000000", 116)
        put("00000000000", 124)
        put("00000000000", 136)
        put("        ", 148)
        put("0", 156)
        put("ustar", 257)
        put("00", 263)
        let sum = header.reduce(0) { $0 + Int($1) }
        let octal = String(sum, radix: 8)
        put(String(repeating: "0", count: 6 - octal.count) + octal, 148)
        header[154] = 0
        return header + zeros(1_024)
    }

    private static func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}

/// The segments of a JPEG, from SOI to EOI.
struct JPEGStructure {
    let header: PictureHeader

    /// A progressive picture has about ten scans; thousands of them are an attack on the decoder's time.
    private static let mostScans = 100
    private static let mostSegments = 10_000

    init(of bytes: PictureBytes, bounds: PictureBounds) throws(PictureError) {
        guard try bytes.big(at: 0, 2) == 0xFFD8 else { throw .notDecodable(reason: "no JPEG start") }
        var frame: Frame?
        var hasProfile = false
        var at = 2
        var scans = 0
        var segments = 0
        while true {
            segments += 1
            guard segments <= Self.mostSegments else { throw .notDecodable(reason: "too many JPEG segments") }
            let marker = try Self.marker(in: bytes, at: &at)
            if marker == 0xD9 { break }
            guard marker != 0x01, !(0xD0...0xD8).contains(marker) else {
                throw .notDecodable(reason: "misplaced JPEG marker")
            }
            let length = try bytes.big(at: at, 2)
            guard length >= 2 else { throw .notDecodable(reason: "broken JPEG segment") }
            guard at + length <= bytes.count else { throw .truncated }
            if Self.isFrame(marker) {
                guard frame == nil else { throw .notDecodable(reason: "two JPEG frames") }
                frame = try Self.frame(marker, in: bytes, at: at, length: length, bounds: bounds)
            }
            if marker == 0xE2, length > 14, try bytes.has("ICC_PROFILE", at: at + 2) { hasProfile = true }
            at += length
            if marker == 0xDA {
                scans += 1
                guard frame != nil, scans <= Self.mostScans else { throw .notDecodable(reason: "too many JPEG scans") }
                at = try Self.endOfScan(in: bytes, from: at)
            }
        }
        guard let frame, scans > 0 else { throw .notDecodable(reason: "no JPEG picture data") }
        header = PictureHeader(
            kind: .jpeg, width: frame.width, height: frame.height, frames: 1, hasAlpha: false,
            isInterlaced: frame.isProgressive, needsColorConversion: hasProfile || frame.components == 4,
            isPlainRGB: frame.components == 3, byteCount: at)
    }

    private struct Frame {
        let width: Int
        let height: Int
        let components: Int
        let isProgressive: Bool
    }

    /// The marker at `at`, which moves behind it; fill bytes are skipped.
    private static func marker(in bytes: PictureBytes, at: inout Int) throws(PictureError) -> UInt8 {
        guard try bytes.byte(at: at) == 0xFF else { throw .notDecodable(reason: "no JPEG marker") }
        var fill = 0
        while try bytes.byte(at: at) == 0xFF {
            at += 1
            fill += 1
            guard fill < 1_000 else { throw .notDecodable(reason: "no JPEG marker") }
        }
        at += 1
        return try bytes.byte(at: at - 1)
    }

    private static func isFrame(_ marker: UInt8) -> Bool {
        (0xC0...0xCF).contains(marker) && marker != 0xC4 && marker != 0xC8 && marker != 0xCC
    }

    private static func frame(
        _ marker: UInt8, in bytes: PictureBytes, at: Int, length: Int, bounds: PictureBounds
    ) throws(PictureError) -> Frame {
        guard marker <= 0xC2 else { throw .notDecodable(reason: "unusual JPEG coding") }
        guard length >= 11, try bytes.byte(at: at + 2) == 8 else { throw .notDecodable(reason: "unusual JPEG depth") }
        let height = try bytes.big(at: at + 3, 2)
        let width = try bytes.big(at: at + 5, 2)
        try bounds.admit(width: width, height: height)
        let components = Int(try bytes.byte(at: at + 7))
        guard [1, 3, 4].contains(components), length == 8 + 3 * components else {
            throw .notDecodable(reason: "unusual JPEG components")
        }
        return Frame(width: width, height: height, components: components, isProgressive: marker == 0xC2)
    }

    /// The place of the first marker behind a scan's data.
    private static func endOfScan(in bytes: PictureBytes, from start: Int) throws(PictureError) -> Int {
        var at = start
        while true {
            at = try bytes.find(0xFF, from: at)
            let next = try bytes.byte(at: at + 1)
            let isData = next == 0 || (0xD0...0xD7).contains(next)
            if !isData && next != 0xFF { return at }
            at += isData ? 2 : 1
        }
    }
}

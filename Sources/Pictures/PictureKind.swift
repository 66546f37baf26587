/// The kinds of pictures that Kiln takes.
package enum PictureKind: String, Sendable, Hashable, CaseIterable {
    case png, jpeg, webp, gif, svg

    package init?(mimeType: String) {
        guard let kind = Self.allCases.first(where: { $0.mimeType == mimeType }) else { return nil }
        self = kind
    }

    package var mimeType: String { self == .svg ? "image/svg+xml" : "image/\(rawValue)" }
}

/// What a picture says of itself before anything decodes it.
package struct PictureHeader: Sendable, Hashable {
    package let kind: PictureKind
    /// Pixels as stored; a camera's orientation can swap the two. 0 for SVG, which has no pixels.
    package let width: Int
    package let height: Int
    /// Pictures in it; 1 unless animated.
    package let frames: Int
    package let hasAlpha: Bool
    /// PNG or GIF interlace, or a progressive JPEG.
    package let isInterlaced: Bool
    /// Whether a colour profile is embedded, or the colours are those of print (CMYK), so that they have to be converted.
    package let needsColorConversion: Bool
    /// Whether the pixels are red, green and blue of 8 bits (or fewer, from a palette).
    package let isPlainRGB: Bool
    /// Bytes from the file's first to the picture's own last; what follows is no part of it.
    package let byteCount: Int
}

/// How large a received picture may be.
package struct PictureBounds: Sendable, Hashable, Codable {
    /// Width times height; decoders get time and memory for about this.
    package var maxPixels: Int
    package var minWidth: Int
    package var minHeight: Int
    /// Only the first frame is used, but all of them lie in the file.
    package var maxFrames: Int
    /// Bytes of an SVG.
    package var maxDrawingBytes: Int

    package init(
        maxPixels: Int = 50_000_000, minWidth: Int = 1, minHeight: Int = 1, maxFrames: Int = 200,
        maxDrawingBytes: Int = 2 << 20
    ) {
        self.maxPixels = maxPixels
        self.minWidth = minWidth
        self.minHeight = minHeight
        self.maxFrames = maxFrames
        self.maxDrawingBytes = maxDrawingBytes
    }

    /// No side is longer, whatever the pixels: what decoders agree on.
    static let longestSide = 32_767

    func admit(width: Int, height: Int) throws(PictureError) {
        guard width > 0, height > 0 else { throw .notDecodable(reason: "no width or height") }
        let isLong = width > Self.longestSide || height > Self.longestSide
        guard !isLong, width <= maxPixels / height else {
            throw .tooManyPixels(width: width, height: height, limit: maxPixels)
        }
        guard width >= minWidth, height >= minHeight else {
            throw .tooSmall(width: width, height: height, leastWidth: minWidth, leastHeight: minHeight)
        }
    }

    func admit(frames: Int) throws(PictureError) {
        guard frames <= maxFrames else { throw .tooManyFrames(limit: maxFrames) }
    }
}

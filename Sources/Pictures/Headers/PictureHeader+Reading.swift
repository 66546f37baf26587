extension PictureHeader {
    /// Reads a picture's structure from its first to its last byte, without decoding a pixel.
    ///
    /// Too many pixels are refused from the first bytes; a picture that ends early is `truncated`; what follows the
    /// picture's own end is not looked at.
    static func read(
        _ kind: PictureKind, from bytes: PictureBytes, bounds: PictureBounds
    ) throws(PictureError) -> PictureHeader {
        switch kind {
        case .png: return try PNGStructure(of: bytes, bounds: bounds).header
        case .jpeg: return try JPEGStructure(of: bytes, bounds: bounds).header
        case .webp: return try WebPStructure(of: bytes, bounds: bounds).header
        case .gif: return try GIFStructure(of: bytes, bounds: bounds).header
        case .svg:
            guard bytes.count <= bounds.maxDrawingBytes else { throw .tooManyBytes(limit: bounds.maxDrawingBytes) }
            return PictureHeader(
                kind: .svg, width: 0, height: 0, frames: 1, hasAlpha: true, isInterlaced: false,
                needsColorConversion: false, isPlainRGB: true, byteCount: bytes.count)
        }
    }
}

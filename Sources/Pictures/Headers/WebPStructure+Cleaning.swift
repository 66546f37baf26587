extension WebPStructure {
    /// A still WebP with nothing but its picture: libvips 8.14 writes a profile and EXIF even when told not to.
    ///
    /// `bytes` is what this structure was read from.
    func cleaned(_ bytes: PictureBytes) throws(PictureError) -> [UInt8] {
        var body = Array("WEBP".utf8)
        for (name, start, count) in chunks where ["VP8X", "ALPH", "VP8 ", "VP8L"].contains(name) {
            body += Array(name.utf8) + Self.little(count)
            var at = start
            while at < start + count {
                let piece = try bytes.bytes(at: at, min(8_192, start + count - at))
                // Of the flags, only "has transparency" is still true.
                body += name == "VP8X" && at == start ? [piece[piece.startIndex] & 0x10] + piece.dropFirst() : piece
                at += piece.count
            }
            if count % 2 == 1 { body.append(0) }
        }
        return Array("RIFF".utf8) + Self.little(body.count) + body
    }

    private static func little(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
}

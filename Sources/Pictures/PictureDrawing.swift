/// The steps of the decoders for one picture, in its work folder.
///
/// libvips picks its loader by the bytes. Those were held to one format's structure from first to last, whose signature
/// no other loader takes, and the loaders for exotic formats are blocked; so only the loader of the sniffed kind runs.
/// Every later step reads what libvips wrote itself.
struct PictureDrawing {
    let tools: any PictureToolRunner
    let limits: PictureToolLimits
    let work: WorkFolder
    let lanes: PictureLanes

    private static let drawing = "drawing.png"
    private static let thumbnail = "thumbnail.png"
    private static let rgb = "rgb.png"
    private static let flat = "flat.png"
    /// Quick to write, as it is read once.
    private static let intermediate = "[strip,compression=1]"

    /// Makes the ordered picture out of `picture.<kind>`; returns its name in the folder and what it is, checked.
    func draw(
        _ header: PictureHeader, order: PictureOrder, bounds: PictureBounds
    ) async throws(PictureError) -> (name: String, header: PictureHeader) {
        try PictureBounds(maxPixels: bounds.maxPixels).admit(width: order.width, height: order.height)
        var source = "picture.\(header.kind.rawValue)"
        var header = header
        if header.kind == .svg {
            header = try await rasterise(source, order: order, bounds: bounds)
            source = Self.drawing
        }
        let name = "out.\(order.format.kind.rawValue)"
        let isRGB = header.isPlainRGB || header.needsColorConversion
        let isDirect = isRGB && order.fit != .contain && (order.background == nil || order.format.isJPEG)
        if isDirect {
            try await shrink(source, header, to: name + order.saveOptions, order: order)
        } else {
            try await shrink(source, header, to: Self.thumbnail + Self.intermediate, order: order)
            try await finish(to: name + order.saveOptions, order: order)
        }
        if order.format.kind == .webp { try await clean(name) }
        return (name, try await checked(name, order: order))
    }

    /// Draws an SVG into a box of twice the target's size. The program opens nothing that the drawing refers to, and has
    /// nothing to open.
    private func rasterise(
        _ source: String, order: PictureOrder, bounds: PictureBounds
    ) async throws(PictureError) -> PictureHeader {
        let side = 8_192
        var (width, height) = (min(side, order.width * 2), min(side, order.height * 2))
        while width * height > min(bounds.maxPixels, 32_000_000) {
            (width, height) = (max(1, width / 2), max(1, height / 2))
        }
        try await run(
            .rsvgConvert,
            [
                "--format", "png", "--width", "\(width)", "--height", "\(height)", "--keep-aspect-ratio",
                "--output", Self.drawing, source,
            ])
        return try await structure(of: Self.drawing, kind: .png)
    }

    /// Decodes, turns upright, scales, converts to sRGB and drops all metadata.
    private func shrink(
        _ source: String, _ header: PictureHeader, to target: String, order: PictureOrder
    ) async throws(PictureError) {
        var arguments = ["thumbnail", source, target, "\(order.width)", "--height", "\(order.height)"]
        arguments += ["--size", order.fit == .inside ? "down" : "both"]
        if order.fit == .cover { arguments += ["--crop", "centre"] }
        arguments += ["--fail-on", "error"]
        // Only where there is something to convert: libvips 8.14 distorts the colours of pictures without a profile.
        if header.needsColorConversion { arguments += ["--export-profile", "srgb"] }
        try await run(.vips, arguments)
    }

    /// Makes grey and 16 bit pictures plain, lays transparent parts on the background and puts the background around, as ordered.
    private func finish(to target: String, order: PictureOrder) async throws(PictureError) {
        try await run(.vips, ["colourspace", Self.thumbnail, Self.rgb + Self.intermediate, "srgb"])
        var source = Self.rgb
        var hasAlpha = try await structure(of: source, kind: .png).hasAlpha
        if hasAlpha, order.background != nil || order.format.isJPEG {
            let isLast = order.fit != .contain
            let under = (order.background ?? .white).words
            let flattened = isLast ? target : Self.flat + Self.intermediate
            try await run(.vips, ["flatten", source, flattened, "--background", under])
            if isLast { return }
            (source, hasAlpha) = (Self.flat, false)
        }
        if order.fit == .contain {
            let around = (order.background ?? .black).words + (hasAlpha ? " 0" : "")
            try await run(
                .vips,
                [
                    "gravity", source, target, "centre", "\(order.width)", "\(order.height)",
                    "--extend", "background", "--background", around,
                ])
        } else {
            try await run(.vips, ["copy", source, target])
        }
    }

    /// Writes a WebP anew without anything but its picture.
    private func clean(_ name: String) async throws(PictureError) {
        try await lanes.block { [work] () throws(PictureError) in
            let bytes = try PictureBytes(fileAt: work.file(name))
            let structure = try WebPStructure(of: bytes, bounds: PictureBounds(maxPixels: .max, maxFrames: 1))
            try work.replace(name, with: try structure.cleaned(bytes))
        }
    }

    private func run(_ tool: PictureTool, _ arguments: [String]) async throws(PictureError) {
        var limits = limits
        if tool == .rsvgConvert { limits.wallTime = min(limits.wallTime, limits.drawingTime) }
        switch await tools.run(tool, arguments, in: work.path, limits: limits) {
        case .succeeded: return
        case .failed(let output): throw ToolComplaint.refusal(for: output)
        case .timedOut: throw .timedOut
        case .outOfMemory: throw .outOfMemory
        case .cancelled: throw .cancelled
        case .missing: throw .toolMissing(name: tool.rawValue, package: tool.package)
        case .couldNotStart(let reason): throw .sandboxRefused(reason: reason)
        }
    }

    private func structure(of name: String, kind: PictureKind) async throws(PictureError) -> PictureHeader {
        try await lanes.block { [work] () throws(PictureError) in
            try PictureHeader.read(
                kind, from: PictureBytes(fileAt: work.file(name)), bounds: PictureBounds(maxPixels: .max, maxFrames: 1))
        }
    }

    /// Does not trust what a decoder wrote: it must be the ordered picture and nothing else.
    private func checked(_ name: String, order: PictureOrder) async throws(PictureError) -> PictureHeader {
        let kind = order.format.kind
        let result = try await lanes.block { [work] () throws(PictureError) in
            let bytes = try PictureBytes(fileAt: work.file(name))
            let bounds = PictureBounds(maxPixels: .max, maxFrames: 1)
            let header = try PictureHeader.read(kind, from: bytes, bounds: bounds)
            guard header.byteCount == bytes.count else { throw .notDecodable(reason: "the decoder wrote too much") }
            if kind == .png {
                let names = try PNGStructure(of: bytes, bounds: bounds).chunkNames
                guard names.isSubset(of: ["IHDR", "PLTE", "tRNS", "sRGB", "gAMA", "cHRM", "pHYs", "IDAT", "IEND"])
                else {
                    throw .notDecodable(reason: "the decoder kept metadata")
                }
            }
            return header
        }
        let isExact = result.width == order.width && result.height == order.height
        let isInside = result.width <= order.width && result.height <= order.height
        guard order.fit == .inside ? isInside : isExact, !result.isInterlaced else {
            throw .notDecodable(reason: "it does not scale to \(order.width) x \(order.height)")
        }
        return result
    }
}

extension PictureOrder.Format {
    /// The kind of the file that comes out.
    package var kind: PictureKind {
        switch self {
        case .png: .png
        case .jpeg: .jpeg
        case .webp: .webp
        }
    }

    var isJPEG: Bool { kind == .jpeg }
}

extension PictureOrder {
    /// libvips' options behind the name of the file to write.
    fileprivate var saveOptions: String {
        switch format {
        case .png: return "[strip,compression=6]"
        case .jpeg(let quality):
            let under = (background ?? .white).words
            return "[strip,Q=\(Self.quality(quality)),optimize-coding,background=\(under)]"
        case .webp(let quality): return "[strip,Q=\(Self.quality(quality))]"
        }
    }

    private static func quality(_ wanted: Int) -> Int { min(100, max(1, wanted)) }
}

/// A command-line program that decodes pictures.
package enum PictureTool: String, Sendable, Hashable, CaseIterable {
    case vips
    case rsvgConvert = "rsvg-convert"

    /// The Debian package that has it.
    package var package: String {
        switch self {
        case .vips: "libvips-tools"
        case .rsvgConvert: "librsvg2-bin"
        }
    }
}

/// What one decoder run may use.
package struct PictureToolLimits: Sendable, Hashable, Codable {
    package var wallTime: Duration
    /// Of a drawing (SVG): a few lines of it can ask for any amount of work, and honest ones need less than a second.
    package var drawingTime: Duration
    /// Bytes of memory of the whole run.
    package var memory: UInt64
    /// Bytes that may be written.
    package var output: UInt64

    package init(
        wallTime: Duration = .seconds(30), drawingTime: Duration = .seconds(8), memory: UInt64 = 1 << 30,
        output: UInt64 = 256 << 20
    ) {
        self.wallTime = wallTime
        self.drawingTime = drawingTime
        self.memory = memory
        self.output = output
    }
}

/// How a decoder run ended.
package enum PictureToolEnd: Sendable, Hashable {
    case succeeded
    /// It said no, or crashed; what it printed on standard error, which may quote the file.
    case failed(output: [UInt8])
    case timedOut
    case outOfMemory
    case cancelled
    case missing
    case couldNotStart(reason: String)
}

/// Runs decoders where they can do no harm.
package protocol PictureToolRunner: Sendable {
    /// Runs `tool` with `folder` as its working directory, the only place it may write and the only files of Kiln that it
    /// sees.
    func run(_ tool: PictureTool, _ arguments: [String], in folder: String, limits: PictureToolLimits) async
        -> PictureToolEnd
}

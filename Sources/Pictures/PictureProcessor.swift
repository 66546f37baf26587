package import FileKind
internal import Foundation

/// Turns received pictures into safe ones: bounds them by their header, then has a sandboxed decoder draw them anew, so
/// that nothing of the received bytes is left but what can be seen.
package struct PictureProcessor: Sendable {
    private let detector: FileKindDetector
    private let tools: any PictureToolRunner
    private let workDirectory: String
    private let toolLimits: PictureToolLimits
    private let lanes: PictureLanes

    /// A processor that works on up to `atOnce` pictures at a time, in folders of their own under `workDirectory`, and lets
    /// `mostWaiting` others wait.
    package init(
        detector: FileKindDetector, tools: any PictureToolRunner, workDirectory: String = NSTemporaryDirectory(),
        toolLimits: PictureToolLimits = PictureToolLimits(), atOnce: Int = 2, mostWaiting: Int = 128
    ) {
        self.detector = detector
        self.tools = tools
        self.workDirectory = workDirectory
        self.toolLimits = toolLimits
        lanes = PictureLanes(count: atOnce, mostWaiting: mostWaiting)
    }

    /// What the picture says of itself, if it is whole and within the bounds. No decoder runs.
    package func inspect(fileAt path: String, bounds: PictureBounds) async throws(PictureError) -> PictureHeader {
        try await lanes.block { [detector] () throws(PictureError) in
            try Self.header(fileAt: path, detector: detector, bounds: bounds)
        }
    }

    /// Makes `order` from the picture at `path`, into a new file at `destination`, which must not exist. The result has
    /// no metadata, no profile (it is sRGB), no comments and no bytes behind its end. On failure there is no file.
    package func process(
        fileAt path: String, to destination: String, order: PictureOrder, bounds: PictureBounds
    ) async throws(PictureError) -> ProcessedPicture {
        try await lanes.run { () async throws(PictureError) in
            let work = try await lanes.block { [workDirectory] () throws(PictureError) in
                try WorkFolder(in: workDirectory)
            }
            let outcome: Result<ProcessedPicture, PictureError>
            do throws(PictureError) {
                outcome = .success(try await process(path, in: work, to: destination, order, bounds))
            } catch {
                outcome = .failure(error)
            }
            try await lanes.block { () throws(PictureError) in work.remove() }
            return try outcome.get()
        }
    }

    private func process(
        _ path: String, in work: WorkFolder, to destination: String, _ order: PictureOrder, _ bounds: PictureBounds
    ) async throws(PictureError) -> ProcessedPicture {
        let header = try await lanes.block { [detector] () throws(PictureError) in
            // Looked at before it is copied, because most that is refused is large.
            let first = try Self.header(fileAt: path, detector: detector, bounds: bounds)
            try work.take(path, as: "picture.\(first.kind.rawValue)")
            let copy = work.file("picture.\(first.kind.rawValue)")
            let header = try Self.header(fileAt: copy, detector: detector, bounds: bounds)
            guard header.kind == first.kind else { throw .notDecodable(reason: "it changed meanwhile") }
            return header
        }
        let drawing = PictureDrawing(tools: tools, limits: toolLimits, work: work, lanes: lanes)
        let result = try await drawing.draw(header, order: order, bounds: bounds)
        try await lanes.block { () throws(PictureError) in try work.give(result.name, to: destination) }
        return ProcessedPicture(
            path: destination, width: result.header.width, height: result.header.height,
            bytes: result.header.byteCount, contentType: order.format.kind.mimeType)
    }

    private static func header(
        fileAt path: String, detector: FileKindDetector, bounds: PictureBounds
    ) throws(PictureError) -> PictureHeader {
        let type: String
        do throws(FileKindError) {
            type = try detector.kind(ofFileAt: path).mimeType
        } catch {
            if case .unreadable(_, let errno) = error { throw .io(operation: "read the picture", errno: errno) }
            throw .io(operation: "tell the kind of the picture", errno: EIO)
        }
        guard let kind = PictureKind(mimeType: type) else { throw .unsupportedKind(type) }
        return try PictureHeader.read(kind, from: PictureBytes(fileAt: path), bounds: bounds)
    }
}

import FileKind
import Foundation
import Sandbox
import TestSupport

@testable import Pictures

/// A processor with the real tools and a folder of one test's own, removed with it.
final class Studio: Sendable {
    let folder: String
    let processor: PictureProcessor
    let tools = SandboxedPictureTools()

    init(toolLimits: PictureToolLimits = PictureToolLimits()) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("pictures-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder + "/work", withIntermediateDirectories: true)
        processor = PictureProcessor(
            detector: try FileKindDetector(), tools: tools, workDirectory: folder + "/work", toolLimits: toolLimits)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var leftovers: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder + "/work") }
    }

    func file(_ bytes: [UInt8], _ name: String = UUID().uuidString) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name))
        return folder + "/" + name
    }

    /// Processes these bytes; the result's description and bytes.
    func make(
        _ bytes: [UInt8], _ order: PictureOrder, bounds: PictureBounds = PictureBounds()
    ) async throws -> (ProcessedPicture, [UInt8]) {
        let target = folder + "/" + UUID().uuidString
        let made = try await processor.process(fileAt: try file(bytes), to: target, order: order, bounds: bounds)
        return (made, [UInt8](try Data(contentsOf: URL(fileURLWithPath: target))))
    }

    func png(_ width: Int, _ height: Int, _ fit: PictureOrder.Fit = .cover) -> PictureOrder {
        PictureOrder(width: width, height: height, fit: fit, format: .png)
    }

    /// A decodable picture of each kind, made from a PNG.
    func sample(_ kind: PictureKind, width: Int = 60, height: Int = 40) async throws -> [UInt8] {
        let png = PNGMaker(width: width, height: height).bytes
        switch kind {
        case .png: return png
        case .jpeg:
            let order = PictureOrder(width: width, height: height, fit: .cover, format: .jpeg(quality: 90))
            return try await make(png, order).1
        case .webp:
            let order = PictureOrder(width: width, height: height, fit: .cover, format: .webp(quality: 90))
            return try await make(png, order).1
        case .gif: return try await converted(png, "a.gif", ["copy", "a.png", "a.gif"])
        case .svg:
            return Array(
                """
                <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)">
                <rect width="100%" height="100%" fill="#ff0000"/></svg>
                """.utf8)
        }
    }

    /// What the real tool makes of the PNG `a.png`.
    func converted(_ png: [UInt8], _ name: String, _ arguments: [String]) async throws -> [UInt8] {
        let work = folder + "/" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: false)
        try Data(png).write(to: URL(fileURLWithPath: work + "/a.png"))
        _ = await tools.run(.vips, arguments, in: work, limits: PictureToolLimits())
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: work + "/" + name)))
    }

    /// The colour of one pixel of a PNG, by the real decoder.
    func pixel(_ png: [UInt8], _ x: Int, _ y: Int) async throws -> [Int] {
        let picture = try file(png, UUID().uuidString + ".png")
        let text = try await Program.run(["/usr/bin/vips", "getpoint", picture, "\(x)", "\(y)"]).text
        return text.split(whereSeparator: \.isWhitespace).compactMap { Double($0).map { Int($0.rounded()) } }
    }
}

extension [UInt8] {
    func contains(text: String) -> Bool { Data(self).range(of: Data(text.utf8)) != nil }
}

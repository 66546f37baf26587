import FileKind
import Foundation
import TestSupport
import Testing

@testable import Pictures

@Suite struct PictureToolEndTests {
    /// A decoder that ends as it is told, and may leave something behind.
    struct ScriptedTools: PictureToolRunner {
        let end: PictureToolEnd
        var leaves: @Sendable (String) throws -> Void = { _ in }

        func run(
            _ tool: PictureTool, _ arguments: [String], in folder: String, limits: PictureToolLimits
        ) async -> PictureToolEnd {
            do { try leaves(folder) } catch { return .couldNotStart(reason: "\(error)") }
            return end
        }
    }

    private func error(_ tools: ScriptedTools, atOnce: Int = 1) async throws -> PictureError? {
        let studio = try Studio()
        let processor = PictureProcessor(
            detector: try FileKindDetector(), tools: tools, workDirectory: studio.folder, atOnce: atOnce)
        let source = try studio.file(PNGMaker(width: 9, height: 9).bytes)
        do throws(PictureError) {
            _ = try await processor.process(
                fileAt: source, to: studio.folder + "/out", order: studio.png(9, 9), bounds: PictureBounds())
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        (PictureToolEnd.timedOut, PictureError.timedOut),
        (.outOfMemory, .outOfMemory),
        (.cancelled, .cancelled),
        (.missing, .toolMissing(name: "vips", package: "libvips-tools")),
        (.couldNotStart(reason: "no"), .sandboxRefused(reason: "no")),
        (.failed(output: Array("VipsJpeg: Premature end of input file\n".utf8)), .truncated),
        (.failed(output: Array("pngload: bad thing\u{1B}[1m\n".utf8)), .notDecodable(reason: "pngload: bad thing[1m")),
        (.failed(output: Array("x: /work/in.png\n".utf8)), .notDecodable(reason: "the decoder failed")),
        (.failed(output: [0xFF, 0xFE]), .notDecodable(reason: "the decoder failed")),
    ])
    func `every end of a decoder has its error`(end: PictureToolEnd, expected: PictureError) async throws {
        #expect(try await error(ScriptedTools(end: end)) == expected)
    }

    @Test func `what a decoder leaves is not trusted`() async throws {
        let nothing = try await error(ScriptedTools(end: .succeeded))
        #expect(nothing == .io(operation: "open the picture", errno: ENOENT))
        let link = ScriptedTools(end: .succeeded) { folder in
            try FileManager.default.createSymbolicLink(atPath: folder + "/out.png", withDestinationPath: "/etc/passwd")
        }
        #expect(try await error(link) == .io(operation: "open the picture", errno: ELOOP))
        let wrongSize = try await error(Self.leaving(PNGMaker(width: 8, height: 9).bytes))
        #expect(wrongSize == .notDecodable(reason: "it does not scale to 9 x 9"))
        let tail = try await error(Self.leaving(PNGMaker(width: 9, height: 9, tail: [1]).bytes))
        #expect(tail == .notDecodable(reason: "the decoder wrote too much"))
        let text = try await error(Self.leaving(PNGMaker(width: 9, height: 9, extraChunks: [("tEXt", [1])]).bytes))
        #expect(text == .notDecodable(reason: "the decoder kept metadata"))
        #expect(try await error(Self.leaving(PNGMaker(width: 9, height: 9).bytes)) == nil)
    }

    private static func leaving(_ bytes: [UInt8]) -> ScriptedTools {
        ScriptedTools(end: .succeeded) { folder in
            try Data(bytes).write(to: URL(fileURLWithPath: folder + "/out.png"))
        }
    }

    @Test func `lanes let in as many as there are, and waiting can be given up`() async throws {
        let lanes = PictureLanes(count: 1, mostWaiting: 1)
        let (signal, opener) = AsyncStream<Void>.makeStream()
        let (entered, mark) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await lanes.run { () async throws(PictureError) in
                    mark.yield()
                    for await _ in signal { return }
                }
            }
            for await _ in entered { break }
            let waiting = Task { try await lanes.run { () async throws(PictureError) in } }
            waiting.cancel()
            await #expect(throws: PictureError.cancelled) { try await waiting.value }
            opener.yield()
            try await group.waitForAll()
        }
        try await lanes.run { () async throws(PictureError) in }
    }

    @Test func `P6: when the line is full the next one is told at once`() async throws {
        let lanes = PictureLanes(count: 1, mostWaiting: 1)
        let (signal, opener) = AsyncStream<Void>.makeStream()
        let (entered, mark) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await lanes.run { () async throws(PictureError) in
                    mark.yield()
                    for await _ in signal { return }
                }
            }
            for await _ in entered { break }
            group.addTask { try await lanes.run { () async throws(PictureError) in } }
            try await until { lanes.waiting > 0 }
            await #expect(throws: PictureError.busy) { try await lanes.run { () async throws(PictureError) in } }
            opener.yield()
            try await group.waitForAll()
        }
    }

    @Test func `P6: a turn that does not come in time is given up`() async throws {
        let lanes = PictureLanes(count: 1, mostWaiting: 1, longestWait: .milliseconds(1))
        try await lanes.run { () async throws(PictureError) in
            do throws(PictureError) {
                try await lanes.run { () async throws(PictureError) in }
                Issue.record("it got a turn that another one has")
            } catch {
                #expect(error == .busy)
            }
        }
        try await lanes.run { () async throws(PictureError) in }
    }

    @Test func `P6: a drawing gets less time than a photograph`() async throws {
        struct Watch: PictureToolRunner {
            func run(
                _ tool: PictureTool, _ arguments: [String], in folder: String, limits: PictureToolLimits
            ) async -> PictureToolEnd {
                #expect(limits.wallTime == (tool == .rsvgConvert ? .seconds(8) : .seconds(30)))
                return .timedOut
            }
        }
        let studio = try Studio()
        let processor = PictureProcessor(
            detector: try FileKindDetector(), tools: Watch(), workDirectory: studio.folder)
        for kind in [PictureKind.svg, .png] {
            let source = try studio.file(try await studio.sample(kind))
            await #expect(throws: PictureError.timedOut) {
                try await processor.process(
                    fileAt: source, to: studio.folder + "/out", order: studio.png(60, 40), bounds: PictureBounds())
            }
        }
    }
}

import Domain
import Foundation
import Intake
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// However a submission ends that is not accepted, nothing of it stays.
@Suite struct UnfinishedUploadTests {
    /// A form whose large file has begun to be written.
    private static let begun: [UInt8] = {
        var form = FormBody()
        form.beginFile("data", "a.bin")
        return form.bytes + [UInt8](repeating: 7, count: 600_000)
    }()

    private struct ConnectionLost: Error {}

    @Test func `a body that was cut leaves no file`() async throws {
        let desk = try Desk()
        await #expect(throws: IntakeError.malformed(.truncated)) {
            try await desk.receive(
                Chunks { number in
                    let files = try desk.files()
                    #expect(files.count == number)
                    return number == 0 ? Self.begun : nil
                })
        }
        #expect(try desk.files().isEmpty)
    }

    @Test func `a connection that breaks leaves no file, and its error is passed on`() async throws {
        let desk = try Desk()
        await #expect(throws: ConnectionLost.self) {
            try await desk.receive(Chunks { if $0 == 0 { return Self.begun } else { throw ConnectionLost() } })
        }
        #expect(try desk.files().isEmpty)
    }

    @Test func `cancellation leaves no file`() async throws {
        let desk = try Desk()
        let (waiting, reached) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await desk.receive(
                Chunks { number in
                    if number == 0 { return Self.begun }
                    reached.yield()
                    // Ends, as streams do, when the task is cancelled.
                    for await _ in AsyncStream<Void>.makeStream().stream {}
                    return nil
                })
        }
        for await _ in waiting { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try desk.files().isEmpty)
    }

    private struct Broken: UploadGuard {
        func inspect(_ file: GuardedFile, for field: Field) async throws -> GuardVerdict {
            try Data("half a picture".utf8).write(to: URL(filePath: file.replacementPath))
            throw IntakeError.guardUnavailable(reason: "no sandbox")
        }
    }

    @Test func `a guard that fails leaves no file`() async throws {
        let desk = try Desk(guards: Broken())
        var form = FormBody()
        form.file("wallpaper", "a.png", pngLike())
        let body = form.ended
        await #expect(throws: IntakeError.guardUnavailable(reason: "no sandbox")) {
            try await desk.receive(Chunks(body))
        }
        #expect(try desk.files().isEmpty)
    }

    private struct Strict: UploadGuard {
        func inspect(_ file: GuardedFile, for field: Field) async throws -> GuardVerdict {
            .refused(.pictureDamaged(reason: "torn"))
        }
    }

    @Test func `a file that a guard refuses is gone, and named beside the other faults`() async throws {
        let desk = try Desk(guards: Strict())
        var form = FormBody([("name", "Ada")])
        form.file("wallpaper", "a.png", pngLike())
        guard case .refused(let refusal) = try await desk.receive(Chunks(form.ended)) else {
            Issue.record("accepted")
            return
        }
        #expect(
            refusal.faults == [
                FieldFault(field: "email", code: .missing),
                FieldFault(field: "wallpaper", code: .pictureDamaged(reason: "torn")),
            ])
        #expect(try desk.files().isEmpty)
    }

    private struct Redrawing: UploadGuard {
        func inspect(_ file: GuardedFile, for field: Field) async throws -> GuardVerdict {
            try Data("redrawn".utf8).write(to: URL(filePath: file.replacementPath))
            return .replaced(GuardVerdict.Replacement(contentType: "image/jpeg", width: 3, height: 2))
        }
    }

    @Test func `a replaced file is kept in place of the received one`() async throws {
        let desk = try Desk(guards: Redrawing())
        var form = FormBody()
        form.file("wallpaper", "a.png", pngLike())
        guard case .accepted(let inputs) = try await desk.receive(Chunks(form.ended)) else {
            Issue.record("refused")
            return
        }
        let upload = try #require(inputs.uploads.first)
        #expect(upload.name == "a.jpg")
        #expect(upload.contentType == "image/jpeg")
        #expect(upload.bytes == 7)
        #expect(upload.sha256 != upload.receivedSHA256)
        #expect(upload.width == 3)
        #expect(try desk.files() == [upload.id.text])
        #expect(try String(contentsOfFile: desk.store.path(of: upload.id), encoding: .utf8) == "redrawn")
    }

    @Test func `a disk that cannot hold what is announced is said to be full at once`() async throws {
        let fields = [
            Field(name: .sampleName, label: "", kind: .file(FileRule(accept: ["*/*"], maxBytes: 1 << 50)))
        ]
        let desk = try Desk()
        await #expect(throws: IntakeError.diskFull) {
            try await desk.receive(Chunks { _ in throw ConnectionLost() }, length: 1 << 49, fields: fields)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root may mount"))
    func `a disk that runs full while reading leaves no file`() async throws {
        let mountPoint = try TemporaryDirectoryMount()
        let desk = try Desk(directory: mountPoint.path)
        await #expect(throws: IntakeError.diskFull) {
            try await desk.receive(
                Chunks { $0 == 0 ? Self.begun : [UInt8](repeating: 7, count: 65_536) }
            )
        }
        #expect(try mountPoint.files() == ["incoming"])
    }
}

/// A disk of 1 MiB, mounted for one test.
private final class TemporaryDirectoryMount {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "kiln-test-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard unsafe mount("tmpfs", path, "tmpfs", 0, "size=1m") == 0 else { throw IntakeError.storage(code: errno) }
    }

    func files() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path)
    }

    deinit {
        unsafe umount(path)
        try? FileManager.default.removeItem(atPath: path)
    }
}

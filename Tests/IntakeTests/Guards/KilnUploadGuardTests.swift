import Archives
import Domain
import FileKind
import Foundation
import Intake
import Pictures
import TestSupport
import Testing

/// Bad files and what they get, with the real decoders in the real sandbox.
@Suite struct KilnUploadGuardTests {
    private let work: TemporaryDirectory
    private let desk: Desk

    init() throws {
        work = try TemporaryDirectory()
        let pictures = PictureProcessor(
            detector: try FileKindDetector(), tools: SandboxedPictureTools(), workDirectory: work.path)
        desk = try Desk(guards: KilnUploadGuard(images: ImageGuard(pictures: pictures)))
    }

    private func receive(_ field: String, _ name: String, _ content: [UInt8]) async throws -> SubmissionReceiver.Outcome
    {
        var form = FormBody()
        form.file(field, name, content)
        return try await desk.receive(Chunks(form.ended, size: 30_000))
    }

    private func fault(_ field: String, _ name: String, _ content: [UInt8]) async throws -> FieldFault.Code? {
        let outcome = try await receive(field, name, content)
        #expect(try desk.files().isEmpty)
        guard case .refused(let refusal) = outcome else { return nil }
        #expect(refusal.faults.map(\.field) == [field])
        return refusal.faults.first?.code
    }

    private func upload(_ outcome: SubmissionReceiver.Outcome) throws -> Upload {
        guard case .accepted(let inputs) = outcome else { throw IntakeError.guardUnavailable(reason: "\(outcome)") }
        return try #require(inputs.uploads.first)
    }

    @Test func `P5 what hides in a picture's metadata or behind its end is drawn away`() async throws {
        let script = "<script>alert(1)</script>MZ PK\u{3}\u{4}"
        let picture = PNGPicture(
            chunks: [("tEXt", Array("Comment\u{0}secret".utf8))],
            tail: Array(script.utf8) + [UInt8](repeating: 1, count: 5000))
        let received = picture.bytes
        let upload = try upload(try await receive("wallpaper", "../wall paper.PNG", received))
        let kept = [UInt8](try Data(contentsOf: URL(filePath: desk.store.path(of: upload.id))))
        #expect(kept.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        #expect(!String(decoding: kept, as: UTF8.self).contains("script"))
        #expect(!String(decoding: kept, as: UTF8.self).contains("secret"))
        #expect(upload.bytes == Int64(kept.count))
        #expect(upload.sha256 != upload.receivedSHA256)
        #expect(upload.name == "wall_paper.PNG")
        #expect(upload.contentType == "image/png")
        #expect([upload.width, upload.height] == [64, 64])
        #expect(try desk.files() == [upload.id.text])
        #expect(try FileManager.default.contentsOfDirectory(atPath: work.path).isEmpty)
    }

    @Test func `P6 a picture of 30,000 x 30,000 pixels is refused by its header`() async throws {
        let bomb =
            PNGPicture(width: 30_000, height: 30_000).start
            + PNGPicture.chunk("IDAT", [UInt8](repeating: 0, count: 1 << 20)) + PNGPicture.chunk("IEND", [])
        #expect(
            try await fault("wallpaper", "large.png", bomb)
                == .pictureTooLarge(width: 30_000, height: 30_000, maximumPixels: 50_000_000))
    }

    @Test func `a picture that is cut off is refused`() async throws {
        let cut = Array(PNGPicture().bytes.dropLast(2000))
        #expect(try await fault("wallpaper", "cut.png", cut) == .pictureDamaged(reason: "it is cut off"))
    }

    @Test func `a file is what its bytes are, whatever it is called`() async throws {
        let accepted = ["PNG picture"]
        #expect(
            try await fault("wallpaper", "a.png", Array("GIF89a\u{1}\0\u{1}\0\0\0\0;".utf8))
                == .wrongKind(found: "GIF picture", accepted: accepted))
        #expect(
            try await fault("wallpaper", "a.png", Array("<!DOCTYPE html><html><script>1</script></html>".utf8))
                == .wrongKind(found: FileKind.humanName(of: "text/html"), accepted: accepted))
        #expect(
            try await fault("files", "a.zip", PNGPicture().bytes)
                == .wrongKind(
                    found: "PNG picture", accepted: ["application/zip", "application/x-tar"].map(FileKind.humanName)))
        let upload = try upload(try await receive("wallpaper", "really.exe", PNGPicture().bytes))
        #expect(upload.contentType == "image/png")
    }

    @Test(arguments: [
        (tarEntry("../escape"), "../escape"), (tarEntry("/etc/passwd"), "/etc/passwd"),
        (tarEntry("shortcut", type: "2", link: "/etc/passwd"), "shortcut"),
        (tarEntry("hard", type: "1", link: "a"), "hard"), (tarEntry("tty", type: "3"), "tty"),
        (tarEntry("a") + tarEntry("a"), "a"),
    ])
    func `P8 an archive with a wicked entry is refused, and the entry named`(entries: [UInt8], entry: String)
        async throws
    {
        let code = try await fault("files", "files.tar", tarEntry("fine") + entries + tarEnd)
        guard case .archiveRefused(let problem, let named) = code else {
            Issue.record("\(String(describing: code))")
            return
        }
        #expect(named == entry)
        #expect(problem.contains(entry))
    }

    @Test func `P6 an archive that unpacks to too much, or to too many, is refused`() async throws {
        let path = work.path("bomb.zip")
        _ = try await ArchiveWriter().write(
            [.bytes("zeros", [UInt8](repeating: 0, count: 40 << 20))], as: .zip, to: path)
        let bomb = [UInt8](try Data(contentsOf: URL(filePath: path)))
        #expect(bomb.count < 100_000)
        guard case .archiveRefused = try await fault("files", "bomb.zip", bomb) else {
            Issue.record("taken")
            return
        }
        let many = (0..<11).flatMap { tarEntry("file\($0)") } + tarEnd
        guard case .archiveRefused(let problem, nil) = try await fault("files", "many.tar", many) else {
            Issue.record("taken")
            return
        }
        #expect(problem.contains("10"))
    }

    @Test func `an honest archive is kept byte for byte`() async throws {
        let archive = tarEntry("fine") + tarEntry("folder/also-fine") + tarEnd
        let upload = try upload(try await receive("files", "my files.tar", archive))
        #expect(upload.sha256 == upload.receivedSHA256)
        #expect(upload.bytes == Int64(archive.count))
        #expect(upload.contentType == "application/x-tar")
        #expect(upload.name == "my_files.tar")
        #expect(try [UInt8](Data(contentsOf: URL(filePath: desk.store.path(of: upload.id)))) == archive)
    }

    @Test func `P8 faults of texts, pictures and archives come together, in the order of the form`() async throws {
        var form = FormBody([("name", "Ada")])
        form.file("files", "a.tar", tarEntry("../x") + tarEnd)
        form.file("wallpaper", "a.png", Array(PNGPicture().bytes.dropLast(100)))
        guard case .refused(let refusal) = try await desk.receive(Chunks(form.ended)) else {
            Issue.record("accepted")
            return
        }
        #expect(refusal.faults.map(\.field) == ["email", "wallpaper", "files"])
        #expect(try desk.files().isEmpty)
    }
}

import Crypto
import Domain
import FileKind
import Foundation
import Intake
import TestSupport
import Testing

@Suite struct SubmissionReceiverTests {
    private func inputs(_ outcome: SubmissionReceiver.Outcome) throws -> Inputs {
        guard case .accepted(let inputs) = outcome else {
            Issue.record("\(outcome)")
            return Inputs(values: [])
        }
        return inputs
    }

    private func faults(_ outcome: SubmissionReceiver.Outcome) -> [FieldFault] {
        guard case .refused(let refusal) = outcome else { return [] }
        return refusal.faults
    }

    private func sha256(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
    }

    @Test(arguments: [1, 7, 4096, 100_000, Int.max])
    func `P1 keeps an accepted file under its own name, whatever the chunks are`(size: Int) async throws {
        let desk = try Desk()
        let content = (0..<(size == 1 ? 3000 : 700_000)).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        var form = FormBody()
        form.file("data", "../../My données.bin", content)
        let outcome = try await desk.receive(Chunks(form.ended, size: size))
        let upload = try #require(try inputs(outcome).uploads.first)
        #expect(upload.name == "My_donnees.bin")
        #expect(upload.contentType == "application/octet-stream")
        #expect(upload.bytes == Int64(content.count))
        #expect(upload.sha256 == sha256(content))
        #expect(upload.receivedSHA256 == upload.sha256)
        #expect(try desk.files() == [upload.id.text])
        let path = desk.store.path(of: upload.id)
        #expect(try Data(contentsOf: URL(filePath: path)) == Data(content))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func `takes an empty file input and an empty text for no file`() async throws {
        let desk = try Desk()
        var form = FormBody()
        form.file("wallpaper", "", [])
        form.text("files", "")
        let values = try inputs(try await desk.receive(Chunks(form.ended))).values
        #expect(values.map(\.field.text) == ["email", "name"])
        #expect(try desk.files().isEmpty)
    }

    @Test func `P8 names all faults together, keeps what was typed, and leaves no file`() async throws {
        let desk = try Desk()
        var form = FormBody([("name", String(repeating: "x", count: 21)), ("nmae", "x")])
        form.file("wallpaper", "a.png", pngLike())
        form.file("wallpaper", "b.png", pngLike())
        form.file("data", "c.bin", [])
        form.file("email", "d.txt", Array("a@example.org".utf8))
        form.file("elsewhere", "e.txt", Array("text".utf8))
        form.text("files", "x")
        let outcome = try await desk.receive(Chunks(form.ended))
        #expect(
            outcome
                == .refused(
                    SubmissionReceiver.Refusal(
                        faults: [
                            FieldFault(field: "email", code: .wrongPart(wantsFile: false)),
                            FieldFault(field: "name", code: .tooLong(maximum: 20, actual: 21)),
                            FieldFault(field: "wallpaper", code: .repeated),
                            FieldFault(field: "files", code: .wrongPart(wantsFile: true)),
                            FieldFault(field: "data", code: .emptyFile),
                            FieldFault(field: "nmae", code: .unknownField(suggestion: "name")),
                            FieldFault(field: "elsewhere", code: .unknownField(suggestion: nil)),
                        ],
                        values: ["name": [String(repeating: "x", count: 21)]],
                        files: ["wallpaper": "a.png"], stoppedEarly: false)))
        #expect(try desk.files().isEmpty)
    }

    @Test func `refuses text that is not UTF-8 as that field's fault`() async throws {
        var form = FormBody([("email", "a@example.org")])
        form.bytes += Array("--X\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n".utf8) + [0xFF, 0x0D, 0x0A]
        let outcome = try await Desk().receive(Chunks(form.ended))
        #expect(faults(outcome) == [FieldFault(field: "name", code: .forbiddenCharacters)])
    }

    @Test func `says both names of a wrong kind, and the other faults where little is left to read`() async throws {
        let desk = try Desk()
        var form = FormBody([("name", "Ada")])
        form.file("wallpaper", "a.png", Array("GIF89a\u{1}\0\u{1}\0\0\0\0;".utf8))
        form.text("email", "nobody")
        let wrongKind = FieldFault(
            field: "wallpaper", code: .wrongKind(found: "GIF picture", accepted: ["PNG picture"]))
        let whole = try await desk.receive(Chunks(form.ended), length: Int64(form.ended.count))
        #expect(faults(whole) == [FieldFault(field: "email", code: .notAnAddress), wrongKind])
        // Without a length, it is over when the fault is found.
        let cut = try await desk.receive(Chunks(form.ended))
        let refusal = SubmissionReceiver.Refusal(faults: [wrongKind], values: ["name": ["Ada"]], stoppedEarly: true)
        #expect(cut == .refused(refusal))
        #expect(try desk.files().isEmpty)
    }

    @Test func `P6 decides on the kind by the first bytes and writes nothing of a wrong one`() async throws {
        let desk = try Desk()
        var form = FormBody()
        form.beginFile("wallpaper", "a.png")
        let head = form.bytes + Array("GIF89a".utf8)
        var asked = 0
        let outcome = try await desk.receive(
            Chunks { number in
                asked = number + 1
                let files = try desk.files()
                #expect(files.isEmpty)
                return number == 0 ? head : [UInt8](repeating: 0, count: 10_000)
            })
        #expect(faults(outcome).map(\.field) == ["wallpaper"])
        #expect(asked < 10)
    }

    @Test func `P6 stops at a field's largest size and does not read on`() async throws {
        let desk = try Desk()
        var form = FormBody()
        form.beginFile("wallpaper", "a.png")
        let head = form.bytes + pngLike()
        var asked = 0
        let outcome = try await desk.receive(
            Chunks { number in
                asked = number + 1
                return number == 0 ? head : [UInt8](repeating: 0, count: 65_536)
            })
        #expect(faults(outcome) == [FieldFault(field: "wallpaper", code: .fileTooLarge(maximum: 4 << 20))])
        #expect(asked == 65)
        #expect(try desk.files().isEmpty)
    }

    @Test func `P6 refuses a body that says it is too large before it is read`() async throws {
        let desk = try Desk()
        let limit = desk.receiver.bodyLimit(for: .sample(fields: Desk.fields))
        await #expect(throws: IntakeError.bodyTooLarge(limit: limit)) {
            try await desk.receive(Chunks { _ in throw CancellationError() }, length: limit + 1)
        }
    }

    @Test func `P6 refuses a body that is larger than the operator allows`() async throws {
        let desk = try Desk(largestBody: 100)
        #expect(desk.receiver.bodyLimit(for: .sample(fields: Desk.fields)) == 100)
        await #expect(throws: IntakeError.bodyTooLarge(limit: 100)) {
            try await desk.receive(Chunks { $0 == 0 ? Array("--X\r\n".utf8) : [UInt8](repeating: 0x61, count: 101) })
        }
    }

    @Test func `P6 holds the bounds of text, parts and the whole while reading`() async throws {
        let desk = try Desk()
        let recipe = Recipe.sample(fields: Field.sampleFields)
        let limits = IntakeLimits(fields: recipe.fields)
        func endless(_ part: [UInt8]) -> Chunks { Chunks { $0 == 0 ? [UInt8]("--X".utf8) : part } }
        let text =
            Array("\r\n\(field("name"))\r\n".utf8) + [UInt8](repeating: 0x61, count: 4096) + Array("\r\n--X".utf8)
        await #expect(throws: IntakeError.fieldTooLarge(limit: limits.text)) {
            try await desk.receive(endless(text), fields: recipe.fields)
        }
        let tiny = Array("\r\n\(field("x"))\r\n\r\n--X".utf8)
        await #expect(throws: IntakeError.tooManyParts(limit: limits.parts)) {
            try await desk.receive(endless(tiny), fields: recipe.fields)
        }
        let unknown = Array("\r\n\(field("x"))\r\n".utf8)
        await #expect(throws: IntakeError.bodyTooLarge(limit: limits.body)) {
            try await desk.receive(
                Chunks { $0 == 0 ? Array("--X".utf8) + unknown : [UInt8](repeating: 0x61, count: 65_536) },
                fields: recipe.fields)
        }
    }

    @Test func `P6 the operator's bound holds whatever the form could take`() async throws {
        let folder = try TemporaryDirectory()
        let receiver = SubmissionReceiver(
            store: try UploadStore(directory: folder.path("uploads"), clock: ManualClock()), guards: EveryFileIsFine(),
            kinds: try FileKindDetector(), largestBody: 1000)
        let recipe = Recipe.sample(fields: Desk.fields)
        #expect(receiver.bodyLimit(for: recipe) == 1000)
        await #expect(throws: IntakeError.bodyTooLarge(limit: 1000)) {
            try await receiver.receive(
                multipart: Chunks { _ in [UInt8](repeating: 0x61, count: 65_536) },
                contentType: "multipart/form-data; boundary=X", length: 1001, for: recipe)
        }
    }

    @Test func `P6 what came in of an upload is on the disk, but for a small rest`() async throws {
        let desk = try Desk()
        var form = FormBody()
        form.beginFile("data", "large.bin")
        let head = form.bytes
        let block = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 5) }
        let blocks = (100 << 20) / block.count
        var largestRest = 0
        let outcome = try await desk.receive(
            Chunks { number in
                if number > 1, number % 64 == 0 {
                    largestRest = max(largestRest, (number - 1) * block.count - (try desk.bytesOnDisk()))
                }
                if number == 0 { return head }
                if number <= blocks { return block }
                return number == blocks + 1 ? Array("\r\n--X--\r\n".utf8) : nil
            })
        #expect(try inputs(outcome).uploads.first?.bytes == Int64(blocks * block.count))
        #expect(largestRest > 0)
        #expect(largestRest < 4 << 20)
    }
}

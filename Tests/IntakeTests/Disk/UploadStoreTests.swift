import Domain
import Foundation
import Intake
import TestSupport
import Testing

@Suite struct UploadStoreTests {
    private func upload(_ content: String, to desk: Desk) async throws -> UploadID {
        var form = FormBody()
        form.file("data", "a.txt", Array(content.utf8))
        guard case .accepted(let inputs) = try await desk.receive(Chunks(form.ended)) else {
            throw IntakeError.malformed(.truncated)
        }
        return try #require(inputs.uploads.first).id
    }

    @Test func `reads an upload in pieces, and still after it was removed`() async throws {
        let desk = try Desk()
        let id = try await upload("0123456789", to: desk)
        let opened = try await desk.store.open(id)
        await desk.store.remove([id, UploadID(unchecked: "gone")])
        #expect(try await opened.bytes == 10)
        #expect(try await opened.read(from: 2, count: 3) == Array("234".utf8))
        #expect(try await opened.read(from: 8, count: 100) == Array("89".utf8))
        #expect(try await opened.read(from: 10, count: 1) == [])
        #expect(try desk.files().isEmpty)
        await #expect(throws: IntakeError.missingUpload(id)) { try await desk.store.open(id) }
    }

    @Test func `P4 a duplicate lives on when the first is removed`() async throws {
        let desk = try Desk()
        let id = try await upload("text", to: desk)
        let copy = try await desk.store.duplicate(id)
        #expect(copy != id)
        await desk.store.remove([id])
        #expect(try await desk.store.open(copy).read(from: 0, count: 9) == Array("text".utf8))
        await #expect(throws: IntakeError.missingUpload(id)) { try await desk.store.duplicate(id) }
    }

    @Test func `sweeps what a killed process left, and old uploads that no build knows`() async throws {
        let desk = try Desk()
        let known = try await upload("known", to: desk)
        let orphan = try await upload("orphan", to: desk)
        desk.clock.advance(by: .seconds(3600))
        let young = try await upload("young", to: desk)
        for name in ["incoming/\(orphan).part", "incoming/\(orphan).kept", "incoming/strange"] {
            try Data("dead".utf8).write(to: URL(filePath: desk.folder.path("uploads/" + name)))
        }
        try Data().write(to: URL(filePath: desk.folder.path("uploads/.gitkeep")))
        let removed = try await desk.store.sweep(olderThan: desk.clock.now() - .seconds(60)) { ids in
            #expect(Set(ids) == [known, orphan])
            return [known]
        }
        #expect(removed == 4)
        #expect(try desk.files().sorted() == [".gitkeep", known.text, young.text].sorted())
    }

    @Test func `a sweep leaves alone what is being received`() async throws {
        let desk = try Desk()
        var form = FormBody()
        form.beginFile("data", "a.bin")
        let head = form.bytes + [UInt8](repeating: 7, count: 600_000)
        let outcome = try await desk.receive(
            Chunks { number in
                switch number {
                case 0: return head
                case 1:
                    let files = try desk.files()
                    #expect(files.count == 1)
                    let removed = try await desk.store.sweep(olderThan: desk.clock.now()) { _ in [] }
                    #expect(removed == 0)
                    return Array("\r\n--X--".utf8)
                default: return nil
                }
            })
        guard case .accepted = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }
}

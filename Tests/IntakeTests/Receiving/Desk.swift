import Domain
import FileKind
import Foundation
import Intake
import TestSupport

/// A receiver over a folder of its own, and what tests ask of both.
struct Desk {
    let folder: TemporaryDirectory
    let clock = ManualClock()
    let store: UploadStore
    let receiver: SubmissionReceiver

    init(guards: any UploadGuard = EveryFileIsFine(), directory: String? = nil, largestBody: Int64 = .max) throws {
        folder = try TemporaryDirectory()
        store = try UploadStore(directory: directory ?? folder.path("uploads"), clock: clock)
        receiver = SubmissionReceiver(
            store: store, guards: guards, kinds: try FileKindDetector(), largestBody: largestBody)
    }

    func receive(
        _ body: some AsyncSequence<[UInt8], any Error>, length: Int64? = nil, fields: [Field] = Desk.fields
    ) async throws -> SubmissionReceiver.Outcome {
        try await receiver.receive(
            multipart: body, contentType: "multipart/form-data; boundary=X", length: length,
            for: .sample(fields: fields))
    }

    /// Every file under the uploads folder.
    func files() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path("uploads")).filter { $0 != "incoming" }
    }

    /// Of all files under the uploads folder together.
    func bytesOnDisk() throws -> Int {
        try files().reduce(0) { sum, name in
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.path("uploads/\(name)"))
            return sum + ((attributes[.size] as? Int) ?? 0)
        }
    }

    static let fields: [Field] = [
        Field(name: .sampleEmail, label: "", isRequired: true, kind: .email),
        Field(name: .sampleName, label: "", isRequired: true, kind: .text(TextRule(maxLength: 20))),
        Field(
            name: FieldName(unchecked: "wallpaper"), label: "",
            kind: .image(FileRule(accept: ["image/png"], maxBytes: 4 << 20), ImageRule(width: 64, height: 64))),
        Field(
            name: FieldName(unchecked: "files"), label: "",
            kind: .archive(
                FileRule(accept: ["application/zip", "application/x-tar"], maxBytes: 1 << 20),
                ArchiveRule(maxEntries: 10, maxUnpackedBytes: 1 << 20))),
        Field(
            name: FieldName(unchecked: "data"), label: "",
            kind: .file(FileRule(accept: ["application/octet-stream", "text/plain"], maxBytes: 300 << 20))),
    ]

    static let texts = [("email", "a@example.org"), ("name", "Ada")]
}

struct EveryFileIsFine: UploadGuard {
    func inspect(_ file: GuardedFile, for field: Field) async throws -> GuardVerdict { .kept }
}

/// A body from chunks that are made as they are asked for.
struct Chunks: AsyncSequence, AsyncIteratorProtocol {
    private let make: (Int) async throws -> [UInt8]?
    private var number = 0

    init(_ make: @escaping (Int) async throws -> [UInt8]?) {
        self.make = make
    }

    init(_ body: [UInt8], size: Int = .max) {
        let size = Swift.min(size, Swift.max(1, body.count))
        self.init { $0 * size < body.count ? Array(body[($0 * size)..<Swift.min(body.count, ($0 + 1) * size)]) : nil }
    }

    func makeAsyncIterator() -> Chunks { self }

    mutating func next() async throws -> [UInt8]? {
        defer { number += 1 }
        return try await make(number)
    }
}

/// The bytes of a form with the boundary `X`.
struct FormBody {
    var bytes: [UInt8] = []

    init(_ texts: [(String, String)] = Desk.texts) {
        for (name, value) in texts { text(name, value) }
    }

    mutating func text(_ name: String, _ value: String) {
        bytes += Array("--X\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
    }

    mutating func beginFile(_ name: String, _ fileName: String) {
        bytes += Array(
            ("--X\r\nContent-Disposition: form-data; name=\"\(name)\"; filename=\"\(fileName)\"\r\n"
                + "Content-Type: image/png\r\n\r\n").utf8)
    }

    mutating func file(_ name: String, _ fileName: String, _ content: [UInt8]) {
        beginFile(name, fileName)
        bytes += content + Array("\r\n".utf8)
    }

    /// The whole body.
    var ended: [UInt8] { bytes + Array("--X--\r\n".utf8) }
}

/// The first bytes of a PNG of 1 x 1, enough to be sniffed as one, and padding.
func pngLike(_ count: Int = 200) -> [UInt8] {
    let start: [UInt8] = [
        0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1, 8,
        2, 0, 0,
        0, 0x90, 0x77, 0x53, 0xDE,
    ]
    return start + [UInt8](repeating: 0, count: max(0, count - start.count))
}

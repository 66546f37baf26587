import Foundation
import Testing

@testable import FileKind

@Suite struct FileKindDetectorTests {
    let detector: FileKindDetector

    init() throws { detector = try FileKindDetector() }

    @Test(arguments: [
        (SampleBytes.png, "image/png"),
        (SampleBytes.jpeg, "image/jpeg"),
        (SampleBytes.webp, "image/webp"),
        (SampleBytes.gif, "image/gif"),
        (SampleBytes.gzip, "application/gzip"),
        (SampleBytes.zip(["a.txt"]), "application/zip"),
        (SampleBytes.tar("a.txt"), "application/x-tar"),
        (SampleBytes.iso, "application/x-iso9660-image"),
        ([], "application/x-empty"),
    ])
    func `each accepted kind has one name`(bytes: [UInt8], expected: String) throws {
        #expect(try detector.kind(ofPrefix: bytes).mimeType == expected)
    }

    @Test(arguments: [
        ("<svg xmlns=\"http://www.w3.org/2000/svg\" width='1'/>", "image/svg+xml"),
        ("<?xml version='1.0'?>\n<!-- a > b -->\n<svg xmlns='http://www.w3.org/2000/svg'></svg>", "image/svg+xml"),
        ("<!DOCTYPE svg [<!ENTITY n 'http://www.w3.org/2000/svg'>]><svg xmlns='&n;'></svg>", "image/svg+xml"),
        ("<s:svg xmlns:s='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        ("<?xml version='1.0'?><note><svg xmlns='http://www.w3.org/2000/svg'/></note>", "text/xml"),
        ("<html><body><svg xmlns='http://www.w3.org/2000/svg'/></body></html>", "text/html"),
        ("<?xml version='1.0'?><svg width='4'/>", "text/xml"),
        ("{\"a\": [1, 2.5, true, null, \"x\"]}", "application/json"),
        ("name,age\nAda,36\nAlan,41\nGrace,85\n", "text/plain"),
        ("#include <stdio.h>\nint main(void) { return 0; }\n", "text/plain"),
        ("import os\nimport sys\n\ndef main():\n    pass\n", "text/plain"),
        ("From: Ada\nTo: Alan\nSubject: tea\n\nat five", "text/plain"),
        ("Grüße aus Köln, 東京", "text/plain"),
    ])
    func `texts are told apart`(text: String, expected: String) throws {
        #expect(try detector.kind(ofPrefix: Array(text.utf8)).mimeType == expected)
    }

    @Test func `a long JSON text is JSON although only its beginning is looked at`() throws {
        let long = "[" + String(repeating: "{\"name\": \"Ada \\u00e4\", \"n\": -1.5e3}, ", count: 4_000)
        #expect(try detector.kind(ofPrefix: Array(long.utf8)).mimeType == "application/json")
        let text = String(repeating: "[once] upon a time, ", count: 4_000)
        #expect(try detector.kind(ofPrefix: Array(text.utf8)).mimeType == "text/plain")
    }

    @Test(arguments: [
        (["AndroidManifest.xml", "classes.dex"], "application/vnd.android.package-archive"),
        (["res/a.png", "AndroidManifest.xml"], "application/vnd.android.package-archive"),
        (["readme.txt", "app/AndroidManifest.xml"], "application/zip"),
    ])
    func `a file with an Android manifest at its top is an APK`(names: [String], expected: String) throws {
        try withFile(SampleBytes.zip(names)) { path in
            let kind = try detector.kind(ofFileAt: path)
            #expect(kind.mimeType == expected)
        }
    }

    @Test func `a name decides nothing`() throws {
        try withFile(SampleBytes.gif, name: "picture.png") { path in
            let kind = try detector.kind(ofFileAt: path)
            #expect(kind.mimeType == "image/gif")
        }
    }

    @Test func `links, folders and missing files are refused`() throws {
        try withFile(SampleBytes.gif) { path in
            let link = path + ".link"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
            for wrong in [link, folder, path + ".absent"] {
                #expect(throws: FileKindError.self) { try detector.kind(ofFileAt: wrong) }
            }
        }
    }

    @Test func `descriptions are short and printable`() throws {
        let kind = FileKind(mimeType: "x/y", description: "a\u{1B}[31m\u{202E}" + String(repeating: "b", count: 500))
        #expect(kind.description.count == FileKind.descriptionLimit)
        #expect(kind.description.allSatisfy { $0.isASCII && $0 != "\u{1B}" })
        #expect(kind.humanName == "file of type x/y")
        #expect(FileKind.humanName(of: "image/png") == "PNG picture")
    }

    @Test func `many looks at once agree`() async throws {
        try await withThrowingTaskGroup(of: String.self) { group in
            for index in 0..<200 {
                let bytes = index.isMultiple(of: 2) ? SampleBytes.png : SampleBytes.zip(["a"])
                group.addTask { [detector] in try detector.kind(ofPrefix: bytes).mimeType }
            }
            var seen: [String: Int] = [:]
            for try await type in group { seen[type, default: 0] += 1 }
            #expect(seen == ["image/png": 100, "application/zip": 100])
        }
    }

    @Test func `random and mutated bytes get some answer`() throws {
        var random = SystemRandomNumberGenerator()
        let seeds = [SampleBytes.png, SampleBytes.zip(["a", "b"]), SampleBytes.tar("t"), Array("<svg xmlns='x".utf8)]
        for round in 0..<400 {
            var bytes = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
            let kind = try detector.kind(ofPrefix: bytes)
            #expect(!kind.mimeType.isEmpty)
            try withFile(bytes) { _ = try detector.kind(ofFileAt: $0) }
            _ = JSONPrefix.isJSON(bytes)
        }
    }

    private func withFile(_ bytes: [UInt8], name: String = "file", _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kind-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent(name)
        try Data(bytes).write(to: file)
        try body(file.path)
    }
}

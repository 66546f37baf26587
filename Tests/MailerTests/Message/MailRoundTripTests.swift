import Crypto
import Domain
import Foundation
import Mailer
import Testing

/// Whatever is put into a message comes out of it at a reader that is not ours.
@Suite struct MailRoundTripTests {
    static let scripts = [
        "report.txt", "Müller \"x\" — ein sehr langer Name, der in keine Zeile passt, wirklich nicht.bin",
        "отчёт о сборке.iso", "建築の報告書.apk", "निर्माण रिपोर्ट.png", "تقرير البناء.txt", "דוח בנייה.txt", "👩‍👩‍👧‍👦 🏳️‍🌈.jpg",
        "=?UTF-8?B?SGk=?=.txt", "100% sure; really, 'yes'.txt", "back\\slash", String(repeating: "長い名前", count: 60),
    ]

    @Test func `attachments of every size come byte for byte`() async throws {
        let sizes = [0, 1, 2, 56, 57, 58, 57 * 1024, 57 * 1024 + 1, 5 << 20]
        let blobs = sizes.map { size in (0..<size).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 7) } }
        let parts = try blobs.enumerated().map {
            try MailMessageTests.part("part\($0.offset).bin", "application/octet-stream", $0.element)
        }
        let read = try ReadMail.parse(
            try await MailMessageTests.bytes(of: MailMessageTests.message(attachments: parts)))
        #expect(read.parts.dropFirst(2).map(\.bytes) == sizes)
        #expect(read.parts.dropFirst(2).map(\.sha256) == blobs.map { Array(SHA256.hash(data: $0)).hexText })
        #expect(read.longestBodyLine <= 76)
    }

    @Test func `an attachment whose reader gives little at a time is the same attachment`() async throws {
        let blob = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let whole = try MailMessageTests.part("a.bin", "application/octet-stream", blob)
        var slow = whole
        slow.read = { offset, length in
            Array(blob[Int(offset)..<min(blob.count, Int(offset) + min(length, 1 + Int(offset % 1000)))])
        }
        let fast = try await MailMessageTests.bytes(of: MailMessageTests.message(attachments: [whole]))
        #expect(try await MailMessageTests.bytes(of: MailMessageTests.message(attachments: [slow])) == fast)
    }

    @Test func `files keep their names in every script`() async throws {
        let parts = try Self.scripts.map { try MailMessageTests.part($0, "application/octet-stream", [1]) }
        let read = try ReadMail.parse(
            try await MailMessageTests.bytes(of: MailMessageTests.message(attachments: parts)))
        #expect(read.parts.dropFirst(2).map(\.filename) == Self.scripts)
        #expect(read.unfolded == [])
    }

    @Test(arguments: [
        String(repeating: "a", count: 1000), String(repeating: "建", count: 1000),
        String(repeating: "👩‍👩‍👧‍👦", count: 1000), String(repeating: "e\u{301}\u{323}", count: 1000),
        String(repeating: "word ", count: 199) + "words", String(repeating: "🏴󠁧󠁢󠁥󠁮󠁧󠁿", count: 1000),
    ])
    func `a subject of a thousand characters is folded and no character is split`(subject: String) async throws {
        let bytes = try await MailMessageTests.bytes(of: MailMessageTests.message(subject: subject))
        let read = try ReadMail.parse(bytes)
        #expect(read.headers["Subject"] == subject)
        #expect(read.unfolded == [])
        let head = try #require(String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n\r\n").first)
        let pieces = EncodedWordReader.words(in: head)
        #expect(subject.contains(" ") ? pieces.isEmpty : pieces.joined() == subject)
        #expect(pieces.allSatisfy { $0.count == 1 || Set($0) == Set(subject) }, "whole characters in each word")
    }

    @Test(arguments: [
        "Müller & Söhne", "Kiln, Inc. \\o/", "a \"quoted\" name", "建築", "=?x?=", String(repeating: "\"", count: 60),
    ])
    func `the sender's name is what it was`(name: String) async throws {
        var message = try MailMessageTests.message()
        message.from.name = try HeaderText(name)
        message.replyTo = NamedMailAddress(
            name: try HeaderText(name), address: try MailAddress(checked: "help@bücher.example"))
        let read = try ReadMail.parse(try await MailMessageTests.bytes(of: message))
        #expect(read.sender == [name, "kiln@example.org"])
        #expect(read.headers["Reply-To"]?.hasSuffix("<help@xn--bcher-kva.example>") == true)
    }

    /// Characters that readers, folding and encodings trip over, and any others.
    static func text(_ random: inout SeededGenerator, length: Int, isMultiline: Bool) -> String {
        var text = String.UnicodeScalarView()
        let traps = Array("=?_ .\"\\<>@,;:()% \u{A0}\u{3000}\u{200D}\u{301}\u{FE0F}👩éא".unicodeScalars)
        while text.count < length {
            if isMultiline, Int.random(in: 0..<20, using: &random) == 0 { text.append("\n") }
            let isTrap = Int.random(in: 0..<3, using: &random) == 0
            let bounds = [0x20...0x7E, 0xA1...0x7FF, 0x900...0xFFFF, 0x10000...0x10FFFF].randomElement(using: &random)
            let value = UInt32(Int.random(in: bounds ?? 0x20...0x7E, using: &random))
            guard let scalar = isTrap ? traps.randomElement(using: &random) : UnicodeScalar(value),
                (try? HeaderText(String(scalar))) != nil
            else { continue }
            text.append(scalar)
        }
        return String(text)
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `any text comes back as it was`(seed: UInt64) async throws {
        var random = SeededGenerator(state: seed)
        var messages: [MailMessage] = []
        for _ in 0..<60 {
            let length = Int.random(in: 1...120, using: &random)
            var message = try MailMessageTests.message(
                subject: "s" + Self.text(&random, length: length, isMultiline: false) + "e",
                text: Self.text(&random, length: length * 5, isMultiline: true) + "e\n",
                html: "<p>" + Self.text(&random, length: length, isMultiline: true) + "\n")
            let name = try HeaderText("n" + Self.text(&random, length: length, isMultiline: false) + "e")
            message.from.name = name
            message.attachments = [MailPart(name: name, contentType: "a/b; c=d", bytes: 0) { _, _ in [] }]
            messages.append(message)
        }
        var written: [[UInt8]] = []
        for message in messages { written.append(try await MailMessageTests.bytes(of: message)) }
        for (message, read) in zip(messages, try ReadMail.parse(written)) {
            #expect(isSame(read.headers["Subject"], message.subject.text))
            #expect(isSame(read.sender[0], message.from.name?.text))
            #expect(isSame(read.parts[0].text, message.text))
            #expect(isSame(read.parts[1].text, message.html))
            #expect(isSame(read.parts[2].filename, message.attachments[0].name.text))
            #expect(read.unfolded == [] && read.longestBodyLine <= 76)
        }
    }

    /// Byte by byte but for the ends of lines: Swift takes an accented letter and its two parts for the same.
    private func isSame(_ read: String?, _ written: String?) -> Bool {
        Array((read ?? "").utf8).filter { $0 != 0x0D } == Array((written ?? "").utf8)
    }
}

/// The same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

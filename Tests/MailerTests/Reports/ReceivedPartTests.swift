import Domain
import Foundation
import Testing

@testable import Mailer

@Suite struct ReceivedPartTests {
    @Test func `Parts in parts are read down to a depth and up to a number (P6)`() {
        var deep = "Content-Type: multipart/report; boundary=0\n\n"
        for level in 1...30 {
            deep += "--\(level - 1)\nContent-Type: multipart/report; boundary=\(level)\n\n"
        }
        deep += "--30\nContent-Type: message/delivery-status\n\nAction: failed\n"
        var depth = 0
        var part: ReceivedPart? = ReceivedPart(Array(deep.utf8))
        while let inner = part?.parts.first { (part, depth) = (inner, depth + 1) }
        #expect(depth == 8)
        #expect(DeliveryStatusNotification(Array(deep.utf8)) == nil)

        let wide = "Content-Type: multipart/mixed; boundary=b\n\n" + String(repeating: "--b\n\nx\n", count: 1000)
        #expect(ReceivedPart(Array(wide.utf8)).parts.count == 200)
    }

    @Test func `Headers without end are read to their bound`() {
        let long = "Subject: a\n" + String(repeating: " more\n", count: 20000) + "To: b@example.org\n\nbody"
        let part = ReceivedPart(Array(long.utf8))
        #expect((part.value("subject")?.utf8.count ?? 0) <= 70 << 10)
        #expect(part.value("to") == nil && Array(part.body) == Array("body".utf8))
        let many = String(repeating: "A: b\n", count: 5000)
        #expect(ReceivedPart(Array(many.utf8)).fields.count == 500)
    }

    @Test(arguments: [
        ("multipart/report; boundary=\"a;b\"; x=y", "a;b"), ("Multipart/Report;BOUNDARY=a (b;c) ;z=1", "a"),
        ("multipart/report; boundary=\"a\\\"b\"", "a\"b"), ("multipart/report; boundary=", nil),
        ("multipart/report; boundary=\(String(repeating: "x", count: 71))", nil), ("multipart/report", nil),
        ("multipart/report; boundary=a; boundary=b", "a"),
    ])
    func `A boundary is read with quotes and comments`(text: String, boundary: String?) {
        #expect(ReceivedType(text).name == "multipart/report" && ReceivedType(text).boundary == boundary)
    }

    @Test func `Whatever comes, reading ends and nothing breaks (P6)`() throws {
        var generator = Seeded(state: 42)
        let samples = try [
            SampleBounce.message(), SampleBounce.message { $0.encoding = "base64" },
            SampleBounce.message { $0.encoding = "quoted-printable" }, SampleBounce.message { $0.isWrapped = true },
        ]
        let verp = try SampleBounce.verp
        var readable = 0
        for round in 0..<1500 {
            var bytes = samples[round % samples.count]
            for _ in 0..<Int.random(in: 1...12, using: &generator) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<6, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
                case 3: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 200)], at: place)
                case 4: bytes.removeSubrange(place..<min(bytes.count, place + 60))
                default: bytes.insert(contentsOf: Array("\n--4F1D2.1/mx.example.net\n".utf8), at: place)
                }
            }
            let reading = BounceReading(bytes, verp: verp)
            if case .report(let entry, let notification) = reading {
                readable += 1
                // A changed proof is none.
                #expect(entry == SampleBounce.entry)
                _ = notification.report(on: SampleBounce.address, at: Timestamp(milliseconds: 0))
            }
        }
        #expect(readable > 100)
    }

    /// SplitMix64: the same numbers at every run.
    struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}

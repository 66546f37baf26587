import Domain
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct CallbackReportTests {
    @Test func `everything that can be reported is read`() throws {
        let json = """
            {"phase": "Packing \\u00e9", "percent": 40.7, "log": {"offset": 12, "base64": "AP8="},
             "result": "failed", "message": "No room", "kind": "infrastructure",
             "run": {"id": "42", "url": "https://ci.example/run/42"}}
            """
        let report = try CallbackReport(json: Array(json.utf8))
        #expect(report.phase == "Packing é" && report.percent == 40)
        #expect(report.log == .init(offset: 12, bytes: [0, 255]))
        #expect(report.result == .failed(message: "No room", kind: .infrastructure))
        #expect(report.runID == "42" && report.runURL == "https://ci.example/run/42")
        #expect(report.hasNews)
        let nothing = try CallbackReport(json: Array(#"{"phase": null, "run": {}}"#.utf8))
        #expect(!nothing.hasNews && nothing.log == nil)
        let short = try CallbackReport(json: Array(#"{"result": "failed"}"#.utf8))
        #expect(short.result == .failed(message: "The build failed.", kind: .build))
    }

    @Test(
        arguments: [
            (#"{"phase": 7}"#, ["phase wrong_type"]), (#"{"phase": ""}"#, ["phase missing"]),
            (#"{"phase": "a\nb"}"#, ["phase forbidden_characters"]),
            (#"{"phase": "a\u202eb"}"#, ["phase forbidden_characters"]),
            (#"{"phase": "\#(String(repeating: "é", count: 81))"}"#, ["phase too_long"]),
            (#"{"percent": 101}"#, ["percent out_of_range"]), (#"{"percent": "4"}"#, ["percent out_of_range"]),
            (#"{"percent": true, "precent": 1}"#, ["percent out_of_range", "precent unknown_field"]),
            (#"{"result": "ok"}"#, ["result not_a_choice"]),
            (
                #"{"result": "succeeded", "message": "x", "kind": "build"}"#,
                ["message out_of_place", "kind out_of_place"]
            ),
            (#"{"result": "failed", "message": "a\u0000"}"#, ["message forbidden_characters"]),
            (#"{"result": "failed", "message": "\#(String(repeating: "x", count: 501))"}"#, ["message too_long"]),
            (#"{"result": "failed", "kind": "bad luck"}"#, ["kind not_a_choice"]),
            (#"{"log": "x"}"#, ["log wrong_type"]), (#"{"log": {"offset": 0}}"#, ["log wrong_type"]),
            (#"{"log": {"text": "x"}}"#, ["log.offset out_of_range"]),
            (#"{"log": {"offset": -1, "text": "x"}}"#, ["log.offset out_of_range"]),
            (#"{"log": {"offset": 0, "text": "x", "base64": "eA=="}}"#, ["log wrong_type"]),
            (#"{"log": {"offset": 0, "base64": "?"}}"#, ["log wrong_type"]),
            (#"{"log": {"offset": 0, "text": "", "x": 1}}"#, ["log.x unknown_field"]),
            (#"{"run": {"id": "a\tb"}}"#, ["run.id forbidden_characters"]),
            (#"{"run": {"url": "javascript:alert(1)"}}"#, ["run.url not_a_web_address"]),
            (#"{"run": {"url": "https://u:p@ci.example/"}}"#, ["run.url not_a_web_address"]),
            (#"{"\u0007\u202e<b>": 1}"#, ["<b> unknown_field"]),
        ] as [(String, [String])])
    func `P8: what cannot be taken is named, all at once`(json: String, expected: [String]) throws {
        let faults = try #require(throws: CallbackFaults.self) { try CallbackReport(json: Array(json.utf8)) }.faults
        #expect(faults.map { "\($0.field) \($0.code)" } == expected)
        #expect(faults.allSatisfy { !$0.message.isEmpty })
    }

    @Test(arguments: ["", "[]", "7", "{", #"{"phase": "x""#, "\u{FEFF}x", "null"])
    func `what is no object is malformed`(text: String) {
        #expect(throws: WebError.self) { try CallbackReport(json: Array(text.utf8)) }
    }

    /// Whatever comes, the answer is a report within its bounds, or a refusal.
    @Test func `no bytes upset it`() {
        var generator = SystemRandomNumberGenerator()
        let seeds = [
            #"{"phase":"Packing","percent":40,"log":{"offset":0,"text":"a\nb"},"result":"failed","message":"x"}"#,
            #"{"log":{"offset":9223372036854775807,"base64":"AAAA"},"run":{"id":"é","url":"http://a.example/?b=c"}}"#,
        ].map { Array($0.utf8) }
        let words = ["\"", "\\", "{", "}", "[", "]", ",", ":", "null", "true", "1e999", "-0", "\\ud800", "\u{0}", "é"]
        for round in 0..<4000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let place = Int.random(in: 0...bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
                case 1 where place < bytes.count: bytes.remove(at: place)
                case 2: bytes.removeSubrange(place..<min(bytes.count, place + 7))
                default: bytes.insert(contentsOf: words[round % words.count].utf8, at: place)
                }
            }
            guard let report = try? CallbackReport(json: bytes) else { continue }
            #expect(report.phase.map { $0.unicodeScalars.count <= 80 } ?? true)
            #expect(report.percent.map { (0...100).contains($0) } ?? true)
            #expect(report.log.map { $0.offset >= 0 && $0.offset < .max / 2 } ?? true)
            if case .failed(let message, _) = report.result {
                #expect(message.unicodeScalars.allSatisfy { $0.value >= 0x20 })
            }
        }
    }

    @Test func `deep nesting and many members end in bounded time`() {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1 << 20)
        #expect(throws: WebError.self) { try CallbackReport(json: Array(#"{"log":"#.utf8) + deep) }
        let many = "{" + (0..<50_000).map { "\"a\($0)\":0" }.joined(separator: ",") + "}"
        let faults = #expect(throws: CallbackFaults.self) { try CallbackReport(json: Array(many.utf8)) }?.faults
        #expect(faults?.count == CallbackFaults.most)
    }
}

@Suite struct UploadRangeTests {
    @Test(
        arguments: [
            (nil, "10", UploadRange(start: 0, count: 10, total: 10)), (nil, nil, UploadRange(start: 0)),
            ("bytes 0-9/10", nil, UploadRange(start: 0, count: 10, total: 10)),
            ("bytes 4-9/10", "6", UploadRange(start: 4, count: 6, total: 10)),
            ("Bytes 0-0/2", "1", UploadRange(start: 0, count: 1, total: 2)), ("bytes 4-9/10", "7", nil),
            ("bytes 4-9/*", "6", nil), ("bytes */10", "6", nil), ("bytes 9-4/10", nil, nil),
            ("bytes 4-10/10", nil, nil), ("bytes -4/10", nil, nil), ("lines 4-9/10", "6", nil),
            ("bytes 4-9/99999999999999999999", "6", nil), ("bytes 4-9", "6", nil), ("bytes +4-9/10", nil, nil),
            ("", "6", nil), (nil, "x", nil),
        ] as [(String?, String?, UploadRange?)])
    func `a range is read whole or not at all`(range: String?, length: String?, expected: UploadRange?) {
        #expect((try? UploadRange(contentRange: range, contentLength: length)) == expected)
    }

    @Test func `a digest is read from its field`() throws {
        let hex = String(repeating: "0f", count: 32)
        let base64 = try #require(ArtifactRoutes.digest(hex: hex))
        #expect(try UploadRange.sha256(reprDigest: nil) == nil)
        #expect(try UploadRange.sha256(reprDigest: "sha-512=:AAAA:, sha-256=:\(base64):") == hex)
        for bad in ["sha-256=\(base64)", "sha-256=:AAAA:", "sha-512=:AAAA:", "", "sha-256=:?:", "sha-256=::"] {
            #expect(throws: WebError.callback(.badDigest)) { try UploadRange.sha256(reprDigest: bad) }
        }
    }
}

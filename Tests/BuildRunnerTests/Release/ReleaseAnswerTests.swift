import Curl
import Domain
import TestSupport
import Testing

@testable import BuildRunner

@Suite struct ReleaseAnswerTests {
    private static let rules = [ArtifactRule(match: "*.iso", contentType: nil, maxBytes: 100)]
    private static let link = "https://example.org/v1/x.iso"

    private func finding(
        _ status: Int, _ headers: [String: String] = [:], body: [UInt8] = [], byHead: Bool = true,
        link: String = link, from url: String = link, known: ReleasedFile? = nil
    ) -> ReleaseFinding {
        ReleaseAnswer(
            answer: HTTPAnswer(status: status, headers: headers, body: body, url: url), link: link, isWhole: byHead,
            known: known, rules: Self.rules, now: Timestamp(milliseconds: 1_795_000_000_000)
        ).finding
    }

    private func there(_ bytes: Int64?, etag: String? = nil) -> ReleaseFinding {
        .there(ReleasedFile(name: "x.iso", bytes: bytes, link: Self.link, etag: etag))
    }

    @Test func `a length that the host does not say is not made up`() {
        #expect(finding(200) == there(nil))
        #expect(finding(200, ["content-length": "ten"]) == there(nil))
        #expect(finding(200, ["content-length": "-4"]) == there(nil))
        #expect(finding(206, ["content-range": "bytes 0-0/*", "content-length": "1"], byHead: false) == there(nil))
        #expect(finding(206, ["content-length": "1"], body: [1], byHead: false) == there(nil))
        #expect(finding(200, body: [1], byHead: false) == there(nil))
    }

    @Test func `lengths are the whole file's`() {
        #expect(finding(200, ["content-length": "10"]) == there(10))
        #expect(finding(206, ["content-range": "bytes 0-0/10", "content-length": "1"], byHead: false) == there(10))
        #expect(finding(200, ["content-length": "10"], body: [1], byHead: false) == there(10))
    }

    @Test func `nothing of length is found out by a byte`() {
        #expect(finding(200, ["content-length": "0"]) == .askByGet)
        #expect(finding(200, ["content-length": "0"], byHead: false) == .notYet)
        #expect(finding(416, ["content-range": "bytes */0"], byHead: false) == .notYet)
        #expect(finding(204) == .notYet)
    }

    @Test func `only a well-formed ETag is kept`() {
        #expect(finding(200, ["etag": "\"a-1\""]) == there(nil, etag: "\"a-1\""))
        #expect(finding(200, ["etag": "W/\"a\""]) == there(nil, etag: "W/\"a\""))
        for tag in ["a", "\"", "\"a\"b\"", "\"a\u{1}\"", "", "\"ä\""] {
            #expect(finding(200, ["etag": tag]) == there(nil))
        }
    }

    @Test func `unchanged means what it was`() {
        let known = ReleasedFile(name: "x.iso", bytes: 3, link: Self.link, etag: "\"a\"")
        #expect(finding(304, known: known) == .there(known))
        #expect(finding(304) == .later(after: nil, reason: "the release's host answered 304"))
    }

    @Test func `a refusal with a wait is no refusal of HEAD`() {
        #expect(finding(403) == .askByGet)
        #expect(finding(403, byHead: false) == .later(after: nil, reason: "the release's host answered 403"))
        #expect(
            finding(403, ["retry-after": "60"])
                == .later(after: .seconds(60), reason: "the release's host answered 403"))
        #expect(
            finding(403, ["x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795000090"])
                == .later(after: .seconds(90), reason: "the release's host answered 403"))
    }

    @Test func `a name is taken from where it can be used`() {
        let service = "https://example.org/download?id=7"
        let mirror = "https://mirror.example.org/pool/x.iso?key=1"
        guard case .there(let file) = finding(200, link: service, from: mirror) else {
            return #expect(Bool(false), "no file")
        }
        #expect(file == ReleasedFile(name: "x.iso", bytes: nil, link: service))
        let hidden = finding(200, ["content-disposition": "attachment; filename=\".iso\""])
        #expect(hidden == there(nil))
        #expect(finding(200, ["content-disposition": "attachment; filename=x.exe"]) == there(nil))
        #expect(
            finding(200, ["content-disposition": "attachment; filename=x\u{202E}.exe"], link: service, from: service)
                == .refused(FailureWords.unexpectedRelease("x?.exe")))
    }

    @Test(arguments: [
        ("120", 120), ("0", 1), ("99999999999999999999", nil), ("86400", 3600), ("-5", nil), ("soon", nil),
        ("Wed, 18 Nov 2026 11:08:00 GMT", 1280), ("Wed, 18 Nov 2026 10:00:00 GMT", 1),
        ("Wed, 18 Nov 2026 25:00:00 GMT", nil), ("Wed, 18 Non 2026 11:08:00 GMT", nil),
    ])
    func `a wait is read from Retry-After`(_ text: String, _ seconds: Int?) {
        // 2026-11-18T10:46:40Z
        let wait = ServerWait.duration(["retry-after": text], now: Timestamp(milliseconds: 1_794_998_800_000))
        #expect(wait == seconds.map { .seconds($0) })
    }

    @Test func `dates are read as they are written`() {
        #expect(HTTPDateText.moment("Sun, 06 Nov 1994 08:49:37 GMT")?.description == "1994-11-06T08:49:37.000Z")
        #expect(HTTPDateText.moment("Thu, 29 Feb 2024 23:59:59 GMT")?.description == "2024-02-29T23:59:59.000Z")
        #expect(HTTPDateText.moment("Sun, 31 Dec 2028 00:00:00 GMT")?.description == "2028-12-31T00:00:00.000Z")
        #expect(HTTPDateText.moment("Sun, 6 Nov 1994 08:49:37 GMT") == nil)
    }
}

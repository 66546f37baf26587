import Intake
import Testing

@Suite struct MultipartParserTests {
    @Test func `reads texts and files in their order`() {
        let form = ParsedForm(
            body(
                "--X", field("a"), "1", "--X",
                "Content-Disposition: form-data; name=\"b\"; filename=\"c.txt\"\r\nContent-Type: text/plain\r\n",
                "2\r\n3",
                "--X", field("a"), "", "--X--", ""))
        #expect(form.summary == ["a=1", "b(c.txt)=2\r\n3", "a="])
        #expect(form.isEnded)
        #expect(form.error == nil)
    }

    @Test func `reads the empty form`() {
        let form = ParsedForm(body("--X--", ""))
        #expect(form.parts.isEmpty)
        #expect(form.isEnded)
        #expect(form.error == nil)
    }

    @Test func `passes over a preamble and an epilogue, and takes white space after the boundary`() {
        let form = ParsedForm(
            body("This is a form.", "--Y", "--X \t ", field("a"), "1", "--X\t", field("b"), "2", "--X--  ", "bye"))
        #expect(form.summary == ["a=1", "b=2"])
        #expect(form.error == nil)
    }

    @Test(arguments: [
        "--X", "\n--X", "\r--X", "\n--X--", "\r\n--", "\r\n-", "\r\n--Y", "\r\n--x", "\r\n--X \rZ", "\r\n--X-",
        "\r\n--X-\r\n",
        "\r\n--XX", "\r\n--X \n", "\r\n--X\n", "\r\n--X\r", "\r\r\n--X\r\r", "\r\n\r\n", "\r\n--X  x\r\n--", "--X-",
        "a--X--b",
    ])
    func `takes what only looks like the boundary for data`(data: String) {
        for data in [data, "a" + data, data + "b", "\r\n" + data, data + data] {
            // Straight after the headers' end or another line end it is the boundary.
            guard data != "--X", data != "\r\n--X", !data.hasPrefix("--X--") else { continue }
            let whole = body("--X", field("a"), data, "--X--", "")
            for sizes in [[Int.max], [1], [2], [3], [64, 1]] {
                let form = ParsedForm(whole, sizes: sizes)
                #expect(form.summary == ["a=" + data], "in pieces of \(sizes)")
                #expect(form.error == nil)
            }
        }
    }

    @Test func `takes a part that has no data and no line end before the boundary`() {
        let form = ParsedForm(body("--X", field("a") + "\r\n--X", field("b"), "2", "--X--"))
        #expect(form.summary == ["a=", "b=2"])
        #expect(form.error == nil)
    }

    @Test func `gives the same whatever the chunks are`() {
        let whole = body(
            "preamble", "--X", field("a"), "1\r\n--", "--X ", field("b") + "X-Other: y\r\n\tfolded\r\n",
            "\r\n--Xa\r\n--X-\r", "--X--", "")
        let expected = ParsedForm(whole)
        #expect(expected.summary == ["a=1\r\n--", "b=\r\n--Xa\r\n--X-\r"])
        for cut in 0...whole.count {
            #expect(ParsedForm(whole, sizes: [cut, .max]) == expected)
            #expect(ParsedForm(whole, sizes: [cut, 1]) == expected)
        }
    }

    @Test func `says of every body that was cut that it was`() {
        let whole = body("--X", field("a"), "1", "--X", field("b"), "2", "--X--")
        for length in 0..<whole.count {
            for sizes in [[Int.max], [1]] {
                let form = ParsedForm(Array(whole.prefix(length)), sizes: sizes)
                #expect(form.error == .malformed(length < 5 ? .boundaryNotFound : .truncated), "after \(length) bytes")
                #expect(!form.isEnded)
            }
        }
    }

    @Test(arguments: [
        (body("--Y", field("a"), "1", "--Y--", ""), IntakeError.Malformation.boundaryNotFound),
        (body("--X", "Content-Disposition form-data", "", "1", "--X--"), .headerInvalid),
        (body("--X", ": form-data", "", "1", "--X--"), .headerInvalid),
        (body("--X", "A\u{0}: b", field("a"), "1", "--X--"), .headerInvalid),
        (body("--X", "A: b\u{1B}[2J", field("a"), "1", "--X--"), .headerInvalid),
        (body("--X", "A: b\nContent-Disposition: form-data; name=a", "", "1", "--X--"), .headerInvalid),
        (body("--X", "A: b\rc", field("a"), "1", "--X--"), .headerInvalid),
        (body("--X", "A : b", field("a"), "1", "--X--"), .headerInvalid),
        (body("--X", "", "1", "--X--"), .dispositionMissing),
        (body("--X", "Content-Type: text/plain", "", "1", "--X--"), .dispositionMissing),
        (body("--X", "Content-Disposition: attachment; name=a", "", "1", "--X--"), .dispositionInvalid),
        (body("--X", "Content-Disposition: form-data; name=a; name=b", "", "1", "--X--"), .dispositionInvalid),
        (body("--X", "Content-Disposition: form-data; name=\"a", "", "1", "--X--"), .dispositionInvalid),
        (body("--X", "Content-Disposition: form-data; name=a", field("b"), "1", "--X--"), .dispositionInvalid),
        (body("--X", "Content-Disposition: form-data; filename=a", "", "1", "--X--"), .nameMissing),
        (body("--X", "Content-Type: multipart/mixed; boundary=Y", field("a"), "1", "--X--"), .nestedForm),
        (body("--X", "Content-Transfer-Encoding: base64", field("a"), "MQ==", "--X--"), .transferEncoding),
    ])
    func `refuses what can be read in two ways or not at all`(
        body: [UInt8], malformation: IntakeError.Malformation
    ) {
        for sizes in [[Int.max], [1]] {
            #expect(ParsedForm(body, sizes: sizes).error == .malformed(malformation))
        }
    }

    @Test func `takes the transfer encodings that change nothing`() {
        for encoding in ["7bit", "8BIT", "binary"] {
            let form = ParsedForm(body("--X", "content-transfer-encoding: \(encoding)", field("a"), "1", "--X--"))
            #expect(form.summary == ["a=1"])
        }
    }

    @Test func `refuses a name that is not UTF-8`() {
        let form = ParsedForm(
            Array("--X\r\nContent-Disposition: form-data; name=\"".utf8) + [0xFF] + Array("\"\r\n\r\n".utf8))
        #expect(form.error == .malformed(.nameNotText))
    }

    @Test func `P6 stops at the limits while reading`() {
        let limits = MultipartParser.Limits(parts: 2, headers: 100, surroundings: 50)
        let part = "--X\r\n" + field("a") + "\r\n1\r\n"
        #expect(ParsedForm(Array((part + part + "--X--").utf8), limits: limits).error == nil)
        #expect(ParsedForm(Array((part + part + part + "--X--").utf8), limits: limits).error == .tooManyParts(limit: 2))
        let header = "--X\r\nA: " + String(repeating: "b", count: 100)
        let filler = String(repeating: "b", count: 60)
        for sizes in [[Int.max], [1]] {
            #expect(ParsedForm(Array(header.utf8), sizes: sizes, limits: limits).error == .headersTooLarge(limit: 100))
            #expect(
                ParsedForm(Array(filler.utf8), sizes: sizes, limits: limits).error == .malformed(.boundaryNotFound))
            #expect(
                ParsedForm(Array((part + "--X--" + filler).utf8), sizes: sizes, limits: limits).error
                    == .malformed(.trailingBytes))
        }
        #expect(
            ParsedForm(Array((part + "--X" + String(repeating: " ", count: 300)).utf8)).error == .malformed(.truncated))
    }
}

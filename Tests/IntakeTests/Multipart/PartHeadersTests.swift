import Intake
import Testing

@Suite struct PartHeadersTests {
    private func headers(_ disposition: [UInt8]) -> PartHeaders? {
        ParsedForm(Array("--X\r\nContent-Disposition: ".utf8) + disposition + Array("\r\n\r\n\r\n--X--".utf8)).parts
            .first?.headers
    }

    @Test(arguments: [
        // Browsers (the HTML standard): only the quote and line ends are encoded, all else is raw UTF-8.
        (#"form-data; name="a"; filename="b.png""#, "a", "b.png"),
        (#"form-data; name="a%22b"; filename="c%22d%0D%0Ae.png""#, "a\"b", "c\"d\r\ne.png"),
        (#"form-data; name="a"; filename="100%25 %41.png""#, "a", "100%25 %41.png"),
        (#"form-data; name="größe"; filename="壁紙 🌄.png""#, "größe", "壁紙 🌄.png"),
        (#"form-data; name="a"; filename="b\c.png""#, "a", #"b\c.png"#),
        (#"form-data; name="a"; filename="b\""#, "a", #"b\"#),
        (#"form-data; name="a"; filename="""#, "a", ""),
        (#"form-data; name="a"; filename="b;c=d.png""#, "a", "b;c=d.png"),
        // Old browsers sent the whole path.
        (#"form-data; name="a"; filename="C:\Users\Me\b.png""#, "a", #"C:\Users\Me\b.png"#),
        // curl and others escape with a backslash.
        (#"form-data; name="a"; filename="b\"c\\d.png""#, "a", #"b"c\d.png"#),
        (#"form-data; filename="b\"; c"; name="a""#, "a", #"b"; c"#),
        // Tokens, capitals, white space, other parameters.
        (#"form-data;name=a;filename=b.png"#, "a", "b.png"),
        (#"Form-Data; NAME = "a" ; FileName = "b.png" ; size=3; "#, "a", "b.png"),
        // RFC 8187; it counts more than the plain one.
        (#"form-data; name="a"; filename*=UTF-8''%e2%82%ac%20b.png"#, "a", "€ b.png"),
        (#"form-data; name="a"; filename="x.png"; filename*=utf-8'en'%C3%A4.png"#, "a", "ä.png"),
        (#"form-data; name="a"; filename*=ISO-8859-1''%E4.png; filename="x.png""#, "a", "ä.png"),
        (#"form-data; name="a"; filename="x.png"; filename*=UTF-8''%FF"#, "a", "x.png"),
        (#"form-data; name="a"; filename="x.png"; filename*=UTF-8''%4"#, "a", "x.png"),
        (#"form-data; name="a"; filename="x.png"; filename*=KOI8-R''%41"#, "a", "x.png"),
        (#"form-data; name="""#, "", nil),
        (#"form-data; name="a""#, "a", nil),
    ])
    func `reads names as clients write them`(disposition: String, name: String, fileName: String?) {
        #expect(headers(Array(disposition.utf8)) == PartHeaders(name: name, fileName: fileName))
    }

    @Test func `keeps a file name of another encoding readable`() {
        #expect(
            headers(Array("form-data; name=a; filename=\"b".utf8) + [0xE4] + Array("c\"".utf8))
                == PartHeaders(name: "a", fileName: "b\u{FFFD}c"))
    }

    @Test func `joins folded lines`() {
        #expect(
            headers(Array("form-data;\r\n name=\"a\";\r\n\tfilename=\"b\"".utf8))
                == PartHeaders(name: "a", fileName: "b"))
    }

    @Test(arguments: [
        #"form-data; name="a"; filename="b"; filename="c""#, #"form-data; name="a" b"#, #"form-data; name="a"; ="b""#,
        #"form-data; name="a"; filename"#, #"form-data, name="a""#,
    ])
    func `refuses what has no one meaning`(disposition: String) {
        #expect(headers(Array(disposition.utf8)) == nil)
    }
}

@Suite struct MultipartBoundaryTests {
    @Test(arguments: [
        ("multipart/form-data; boundary=abc", "abc"), ("Multipart/Form-Data;charset=utf-8;Boundary=\"a b\"", "a b"),
        ("multipart/form-data; boundary=----WebKitFormBoundaryX; charset=UTF-8", "----WebKitFormBoundaryX"),
        ("multipart/form-data; boundary=\"a\\\"b\"", nil), ("multipart/form-data; boundary=a/b:c=d?e", "a/b:c=d?e"),
        ("multipart/form-data; boundary='(a)+_,-./:=?'", "'(a)+_,-./:=?'"),
    ])
    func `is read from the content type`(contentType: String, boundary: String?) {
        #expect((try? MultipartBoundary(contentType: contentType))?.bytes == boundary.map { Array($0.utf8) })
    }

    @Test(arguments: [
        ("", IntakeError.Malformation.notAForm), ("text/plain; boundary=a", .notAForm),
        ("multipart/mixed; boundary=a", .notAForm),
        ("multipart/form-data", .boundaryMissing), ("multipart/form-data; boundary", .notAForm),
        ("multipart/form-data; boundary=", .boundaryInvalid), ("multipart/form-data; boundary=\"\"", .boundaryInvalid),
        ("multipart/form-data; boundary=\"a \"", .boundaryInvalid),
        ("multipart/form-data; boundary=\"a\r\nb\"", .boundaryInvalid),
        ("multipart/form-data; boundary=a; boundary=b", .notAForm),
        ("multipart/form-data; boundary=ä", .boundaryInvalid),
        ("multipart/form-data; boundary=\"a", .notAForm),
        ("multipart/form-data; boundary=" + String(repeating: "a", count: 71), .boundaryInvalid),
    ])
    func `is refused where it cannot be one`(contentType: String, malformation: IntakeError.Malformation) {
        #expect(throws: IntakeError.malformed(malformation)) { try MultipartBoundary(contentType: contentType) }
    }
}

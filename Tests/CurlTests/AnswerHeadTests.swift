import Testing

@testable import Curl

@Suite struct AnswerHeadTests {
    private func head(_ lines: String...) -> AnswerHead {
        var head = AnswerHead()
        for line in lines {
            unsafe Array((line + "\r\n").utf8).withUnsafeBytes { unsafe head.append($0, mayBeginAnswer: true) }
        }
        return head
    }

    @Test func `the status line's number is the status; what is none is 0`() {
        #expect(head("HTTP/1.1 204 No Content").status == 204)
        #expect(head("HTTP/2 200").status == 200)
        #expect(head("HTTP/1.1 OK").status == 0)
        #expect(head("HTTP/1.1").status == 0)
    }

    @Test func `another place counts where the status leads there`() {
        #expect(head("HTTP/1.1 302 Found", "LOCATION: /a").hasLocation)
        #expect(!head("HTTP/1.1 201 Created", "Location: /a").hasLocation)
        #expect(!head("HTTP/1.1 302 Found", "Location: /a", "", "HTTP/1.1 302 Found").hasLocation)
    }

    @Test func `two lengths are no length`() {
        #expect(head("HTTP/1.1 200 OK", "Content-Length: 5", "content-length: 2").isAmbiguous)
        #expect(head("HTTP/1.1 200 OK", "Content-Length: 5", "Content-Length: 5, 2").isAmbiguous)
        #expect(head("HTTP/1.1 200 OK", "Content-Length: 5, 2").isAmbiguous)
        #expect(!head("HTTP/1.1 200 OK", "Content-Length: 5", "Content-Length: 5").isAmbiguous)
        #expect(!head("HTTP/1.1 200 OK", "Content-Length: 5", "", "HTTP/1.1 200 OK", "Content-Length: 2").isAmbiguous)
    }
}

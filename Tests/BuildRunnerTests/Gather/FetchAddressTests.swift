import Testing

@testable import BuildRunner

@Suite struct FetchAddressTests {
    @Test(arguments: [
        ("https://example.org", "https://example.org/event", "https://example.org/event"),
        ("https://example.org/api/", "https://example.org/api/event", "https://example.org/api/event"),
        (
            "HTTP://Example.org:8080/a?key=1#top", "http://example.org:8080/a/event?key=1",
            "http://example.org:8080/a/event"
        ),
        (
            "https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC/event",
            "https://xn--bcher-kva.example/%C3%BC/event"
        ),
        ("http://[::1]:80/x", "http://[::1]:80/x/event", "http://[::1]:80/x/event"),
        ("http://192.0.2.1", "http://192.0.2.1/event", "http://192.0.2.1/event"),
    ])
    func `a document lies below the address, and the query stays and is not shown (P7)`(
        text: String, url: String, shown: String
    ) throws {
        let address = try #require(FetchAddress(text)).below("/event")
        #expect(address.url == url)
        #expect(address.shown == shown)
    }

    @Test(arguments: [
        "", "event", "ftp://example.org/", "file:///etc/passwd", "https://ada:word@example.org/", "https:///x",
        "http://2130706433/", "https://exa mple.org/", "https://example.org/\r\nX: y",
    ])
    func `what is no web address, or holds a password, is none`(text: String) {
        #expect(FetchAddress(text) == nil)
    }
}

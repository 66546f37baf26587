import Testing

@testable import Curl

@Suite struct WebAddressTests {
    @Test(arguments: [
        ("http://Example.org", "http://example.org:80"), ("HTTPS://example.org/a?b@c", "https://example.org:443"),
        ("https://example.org:8443#x@y", "https://example.org:8443"), ("http://[::1]/", "http://[::1]:80"),
        ("http://[::1]:8080/", "http://[::1]:8080"), ("http://a?b", "http://a:80"),
        ("http://b\u{FC}cher/", "http://b\u{FC}cher:80"),
    ])
    func `an address has an origin`(text: String, origin: String) {
        #expect(WebAddress(text)?.origin == origin)
    }

    @Test(arguments: [
        "", "a", "file:///etc/passwd", "gopher://127.0.0.1/", "ftp://a/", "http:/a/", "http:a", "http:///a", "http://",
        "http://:80/", "http://a b/", "http://a/\r\nX: y", "http://a/\u{0}", "http://a/\u{7F}", "http://a/\u{85}",
        "http://user@a/", "http://user:word@a/", "http://@a/", "http://a:b/", "http://a:123456/", "http://a\\@b/",
        " http://a/", "http://a/ ",
    ])
    func `what is no web address, or has somebody's password, is none`(text: String) {
        #expect(WebAddress(text) == nil)
    }
}

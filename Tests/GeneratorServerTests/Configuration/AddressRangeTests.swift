import Testing

@testable import GeneratorServer

struct AddressRangeTests {
    @Test(arguments: [
        ("10.0.0.7", "10.0.0.7", true), ("10.0.0.7", "10.0.0.8", false), ("10.0.0.0/8", "10.255.0.1", true),
        ("10.0.0.0/8", "11.0.0.1", false), ("192.168.4.0/22", "192.168.7.255", true),
        ("192.168.4.0/22", "192.168.8.0", false), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false),
        ("::1", "0:0:0:0:0:0:0:1", true), ("fd00::/8", "fdff:1::2", true), ("fd00::/8", "fe80::1", false),
        ("10.0.0.7", "::ffff:10.0.0.7", true), ("2001:db8::/33", "2001:db8:7fff::1", true),
        ("2001:db8::/33", "2001:db8:8000::1", false), ("::/0", "::", true), ("10.0.0.7", "ten", false),
    ])
    func `an address lies in a range or not`(range: String, address: String, lies: Bool) {
        #expect(AddressRange(range)?.contains(address) == lies)
    }

    @Test(arguments: [
        "", "10.0.0", "10.0.0.256", "10.0.0.0/33", "10.0.0.0/", "10.0.0.01", "1.2.3.4.5", ":::", "::1::", "12345::",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::/129", "fe80::1%eth0", "10.0.0.0/8/8", "1.2.3.4::", "host",
        "1:2:3:4:5:6:7::8", ":1:2:3:4:5:6:7", "+1::",
    ])
    func `what is no range is refused`(text: String) {
        #expect(AddressRange(text) == nil)
    }
}

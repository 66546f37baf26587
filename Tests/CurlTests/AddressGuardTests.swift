import Curl
import Testing

@Suite struct AddressGuardTests {
    @Test(arguments: [
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
        "127.255.255.255", "169.254.0.0", "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.1", "192.0.0.170",
        "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.7",
        "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.0", "255.255.255.255",
        "::", "::1", "::2", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::8.8.8.8", "64:ff9b::127.0.0.1",
        "64:ff9b::a9fe:a9fe", "64:ff9b::1:808:808", "64:ff9b:1::808:808", "100::1", "100:0:0:1::1", "2001::1",
        "2001:0:4136:e378::1", "2001:1ff::1", "2001:db8::1", "2002:7f00:1::1", "2002:c0a8:101::1", "3fff::1",
        "3fff:fff:ffff::1", "4000::1", "5f00::1", "fc00::1", "fdff::1", "fe80::1", "fe80::1%lo", "fec0::1", "ff02::1",
    ])
    func `what is not the whole internet's is not public`(text: String) throws {
        #expect(try !AddressGuard.isPublic(#require(IPAddress(text))))
    }

    @Test(arguments: [
        "1.0.0.0", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0",
        "192.88.98.0", "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
        "198.51.99.255", "198.51.101.0", "203.0.112.0", "203.0.114.0", "223.255.255.255",
        "2001:200::1", "2001:4860:4860::8888", "2001:db7:ffff::1", "2001:db9::1", "2606:4700::1111", "2a00:1450::1",
        "3ffe:ffff::1", "3fff:1000::1", "2002:808:808::1", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8",
    ])
    func `the neighbours of what is not public are public`(text: String) throws {
        #expect(try AddressGuard.isPublic(#require(IPAddress(text))))
    }

    @Test func `an IPv4 address is as public in each of its wrappings as bare`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let number = UInt32.random(in: 0...UInt32.max, using: &random)
            let expected = AddressGuard.isPublic(.v4(number))
            #expect(AddressGuard.isPublic(.v6(high: 0, low: 0xFFFF_0000_0000 | UInt64(number))) == expected)
            #expect(AddressGuard.isPublic(.v6(high: 0x64_FF9B << 32, low: UInt64(number))) == expected)
            #expect(AddressGuard.isPublic(.v6(high: 0x2002 << 48 | UInt64(number) << 16, low: 1)) == expected)
        }
    }

    @Test func `of IPv6 nothing outside the global unicast space is public but wrapped IPv4`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let high = UInt64.random(in: 1...UInt64.max, using: &random)
            guard high >> 61 != 1, high != 0x64_FF9B << 32 else { continue }
            #expect(!AddressGuard.isPublic(.v6(high: high, low: UInt64.random(in: 0...UInt64.max, using: &random))))
        }
    }

    @Test func `networks that the operator lists are allowed, and nothing beside them`() throws {
        let guarding = AddressGuard(
            allowing: ["10.1.0.0/16", "fd00:1::/32", "127.0.0.1"].compactMap { IPNetwork($0) })
        for text in ["10.1.0.0", "10.1.255.255", "::ffff:10.1.2.3", "fd00:1::5", "127.0.0.1", "8.8.8.8"] {
            #expect(try guarding.permits(#require(IPAddress(text))), "\(text)")
        }
        for text in ["10.0.255.255", "10.2.0.0", "fd00:2::1", "127.0.0.2", "::1", "64:ff9b::10.1.2.3"] {
            #expect(try !guarding.permits(#require(IPAddress(text))), "\(text)")
        }
        #expect(try AddressGuard(allowing: [#require(IPNetwork("0.0.0.0/0"))]).permits(.v4(0x7F00_0001)))
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0/8", "0x7f.0.0.1/8",
        "::/129", "fe80::1%eth0/64", "localhost", "10.0.0.0/8 ",
    ])
    func `what is no network is none`(text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test(arguments: ["0.0.0.0", "192.168.1.254", "::", "::1", "2001:db8::ff00:42:8329", "fe80::1", "64:ff9b::808:808"])
    func `an address is written as it is read`(text: String) {
        #expect(IPAddress(text)?.description == text)
    }
}

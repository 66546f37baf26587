import Domain
import Testing

@testable import GeneratorServer

struct PublicAddressTests {
    @Test(arguments: [
        ("http://localhost:8080", true), ("http://127.0.0.1", true), ("http://[::1]:8080", true),
        ("http://kiln.localhost", true), ("https://kiln.example.org", false), ("http://127.example.org", false),
        ("http://10.0.0.2:8080", false), ("nonsense", false),
    ])
    func `an address that means another machine elsewhere is told from one that does not`(
        _ address: String, _ isThisMachine: Bool
    ) {
        #expect(PublicAddress.isThisMachine(address) == isThisMachine)
    }
}

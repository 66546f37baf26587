import BuildRunner
import Crypto
import Curl
import Domain
import Foundation
import Logging
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct PartsTests {
    @Test func `every provider that a recipe can name is there`() {
        let links = SiteMap(publicURL: "").jobLinks(signer: CapabilitySigner(key: SymmetricKey(size: .bits256)))
        let tools = RemoteTools(
            transfers: HTTPTransfers(TransferSettings(userAgent: "test")), secret: { _ in nil }, links: links,
            clock: ManualClock(), scratch: "/nowhere", logger: Logger(label: "test"))
        let names = Parts.remoteProviders(tools).map(\.name)
        #expect(Set(names + ["local"]) == Set(ProviderSettings.Name.allCases.map(\.rawValue)))
        #expect(Set(names).count == names.count)
    }
}

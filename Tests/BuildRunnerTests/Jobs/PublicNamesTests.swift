import BuildRunner
import Domain
import Foundation
import TestSupport
import Testing

struct PublicNamesTests {
    private let order = Played.order(
        "Ada", at: .webhook(WebhookSettings(url: "https://example.org", secret: SecretName("S"))),
        parameters: (try? JobTemplate("{{kiln.build}} {{kiln.attempt}} {{kiln.date}}")).map {
            [JobParameter(name: "tag", value: $0)]
        } ?? [], clock: ManualClock())

    @Test func `what stands in a CI's listings does not lead to the build's page (P4, P7)`() throws {
        let id = order.build.id
        let links = JobLinks(
            folder: { _, _ in "https://kiln.example.org/uploads/sealed" }, upload: { _, _, _ in "" },
            callback: { _ in "" }, token: { _ in "" }, page: { _ in "" })
        let parameters = JobParameters(order, as: Attempt(number: 2, of: id), links: links)
        #expect(parameters.values.map(\.name) == ["KILN_ATTEMPT", "KILN_URL", "tag"])
        for parameter in parameters.values { #expect(!parameter.value.contains(id.text), "\(parameter)") }
        #expect(parameters["tag"] == "\(id.publicName) \(id.publicName)-2 \(order.build.createdAt.compactDate)")
    }

    @Test func `the names are the same each time and different for each build and attempt (P3)`() {
        var generator = SystemRandomNumberGenerator()
        let ids = (0..<1000).map { _ in BuildID.make(at: ManualClock().now(), using: &generator) }
        #expect(Set(ids.map(\.publicName)).count == ids.count)
        for id in ids.prefix(10) {
            #expect(id.publicName == id.publicName && id.publicName.count == 24)
            #expect(id.publicName.allSatisfy { $0.isHexDigit && !$0.isUppercase })
            #expect(Attempt(number: 1, of: id).publicKey == "\(id.publicName)-1")
            #expect(Attempt(number: 11, of: id).publicKey != Attempt(number: 1, of: id).publicKey)
        }
    }
}

import Domain
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct FingerprintTests {
    private static func result(_ address: String, _ recipe: Recipe) -> String {
        let inputs = Inputs(
            values: [
                InputValue(field: .sampleEmail, content: .text(address)),
                InputValue(field: .sampleName, content: .text("Ada")),
            ])
        return Fingerprint.ofResult(inputs, recipe, nil)
    }

    @Test func `who asks for it makes no other result`() {
        #expect(Self.result("ada@example.org", .sample()) == Self.result("bob@example.org", .sample()))
    }

    @Test(arguments: ["{{email}}", "{{#email}}yes{{/email}}", "to {{name}} <{{email}}>"])
    func `a private value that the job is given after all is in the result, which nobody else gets (P4)`(
        _ template: String
    ) throws {
        var recipe = Recipe.sample()
        recipe.build.parameters = [JobParameter(name: "EMAIL", value: try JobTemplate(template))]
        #expect(Self.result("ada@example.org", recipe) != Self.result("bob@example.org", recipe))
        #expect(Self.result("ada@example.org", recipe) == Self.result("ada@example.org", recipe))
    }
}

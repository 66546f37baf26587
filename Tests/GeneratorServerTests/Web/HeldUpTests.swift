import Domain
import Storage
import TestSupport
import Testing

@testable import GeneratorServer

/// A build whose provider does not take it.
@Suite struct `Held up builds` {
    private static func recipe(_ provider: ProviderSettings) -> Recipe {
        var recipe = Recipe.sample()
        recipe.build.providers = [provider]
        return recipe
    }

    private static let away = ProviderSettings.webhook(
        WebhookSettings(url: "https://builder.example.org", secret: SecretName("BUILDER")))

    @Test func `a start that takes long is not called one`() async throws {
        var options = LiveServer.Options()
        options.recipes = [Self.recipe(Self.away)]
        try await LiveServer.with(options) { server in
            let id = try await server.makeBuild(recipe: Self.recipe(Self.away)).id
            try await server.apply(.claimed(Attempt(number: 1, of: id)), to: id)
            #expect(try await `Groups`.now(server, id) == "triggering Starting\n")
            server.clock.advance(by: .seconds(11))
            #expect(try await `Groups`.now(server, id) == "triggering Waiting for the build service\n")
            #expect(
                try await server.client.get("/builds/\(id)", ["Accept": "text/html"]).text
                    .contains("the build service has not taken it yet"))
        }
    }

    @Test func `what starts on this machine is starting`() async throws {
        try await LiveServer.with { server in
            let id = try await server.makeBuild().id
            try await server.apply(.claimed(Attempt(number: 1, of: id)), to: id)
            server.clock.advance(by: .seconds(11))
            #expect(try await `Groups`.now(server, id) == "triggering Starting\n")
        }
    }
}

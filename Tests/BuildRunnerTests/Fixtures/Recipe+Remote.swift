import Domain
import TestSupport

extension Recipe {
    /// The sample, built at these providers.
    static func remote(_ providers: [ProviderSettings] = [.sampleWebhook], maxAttempts: Int = 3) -> Recipe {
        var recipe = Recipe.sample(maxAttempts: maxAttempts)
        recipe.build.providers = providers
        recipe.build.script = nil
        return recipe
    }
}

extension ProviderSettings {
    static let sampleWebhook = ProviderSettings.webhook(
        WebhookSettings(url: "https://user:word@ci.example.org/hook?key=1", secret: SecretName("HOOK")))
    static let sampleBuildbot = ProviderSettings.buildbot(
        BuildbotSettings(baseURL: "http://bot.example.org:8010", scheduler: "force"))
}

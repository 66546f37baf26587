import BuildRunner
import Curl
import Domain
import Recipes
import Storage

extension Parts {
    /// Everything that builds, by the links that runs are given.
    func providers(links: JobLinks) -> [any BuildProvider] {
        [provider] + Self.remoteProviders(remoteTools(links: links))
    }

    static func remoteProviders(_ tools: RemoteTools) -> [any BuildProvider] {
        [
            GitHubProvider(tools: tools), GitLabProvider(tools: tools), TravisProvider(tools: tools),
            JenkinsProvider(tools: tools), BuildbotProvider(tools: tools), GiteaProvider(tools: tools),
            WebhookProvider(tools: tools),
        ]
    }

    private func remoteTools(links: JobLinks) -> RemoteTools {
        let secrets = secrets
        return RemoteTools(
            transfers: transfers, secret: { secrets.value(of: $0) }, links: links, clock: clock,
            scratch: data.remote, logger: logger)
    }

    static func transfers(
        _ network: KilnConfiguration.Network, mostInFlight: Int = 128, mostPerHost: Int = 32
    ) -> HTTPTransfers {
        HTTPTransfers(
            TransferSettings(
                userAgent: "Kiln", proxy: network.proxy, caFile: network.caFile,
                allowedNetworks: network.allowed, mostInFlight: mostInFlight, mostPerHost: mostPerHost))
    }
}

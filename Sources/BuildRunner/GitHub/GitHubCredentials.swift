import Curl
import Domain
import Foundation

/// The token of a call: the operator's own, or one that an App's installation is given for an hour.
struct GitHubCredentials: Sendable {
    let api: GitHubAPI

    /// An installation's token is renewed while it is still good.
    private static let margin = Duration.seconds(300)

    private var tools: RemoteTools { api.tools }

    func token() async throws(RemoteFault) -> String {
        switch api.settings.credential {
        case .token(let name):
            return try tools.needed(name).trimmingCharacters(in: .whitespacesAndNewlines)
        case .app(let id, let installation, let key):
            return try await installationToken(of: id, installation, key).text
        }
    }

    /// Forgets a token that GitHub no longer takes; `false` if another one cannot be had.
    func drop(_ token: String) -> Bool {
        guard case .app(let id, let installation, _) = api.settings.credential else { return false }
        api.memory.drop(token, of: place(id, installation))
        return true
    }

    /// What an App may do with the repository (`actions: write`); `nil` for a token.
    func permissions() async throws(RemoteFault) -> [String: String]? {
        guard case .app(let id, let installation, let key) = api.settings.credential else { return nil }
        return try await installationToken(of: id, installation, key).permissions
    }

    private func installationToken(
        of app: String, _ installation: Int64, _ keyName: SecretName
    ) async throws(RemoteFault) -> GitHubMemory.Token {
        let place = place(app, installation)
        let now = tools.clock.now()
        if let known = api.memory.token(of: place), now + Self.margin < known.endsAt { return known }
        let pem = try tools.needed(keyName)
        let signed: String
        do throws(GitHubAppToken.BadKey) {
            signed = try GitHubAppToken.make(app: app, key: pem, at: now)
        } catch {
            throw .refusedUntil(
                after: RemoteAPI.pauseForOperator, reason: "the secret \(keyName) is not an App's private key (PEM)")
        }
        let answer: GitHubAnswers.InstallationToken
        do throws(RemoteFault) {
            // It starts nothing: a lost answer is asked for again.
            let call = GitHubAPI.Call(method: .post, path: "/app/installations/\(installation)/access_tokens")
            answer = try api.remote.decode(
                GitHubAnswers.InstallationToken.self, try await api.send(call, with: signed), for: .reading)
        } catch .missing(let reason) {
            throw .refusedUntil(
                after: RemoteAPI.pauseForOperator, reason: "the App has no installation \(installation): \(reason)")
        }
        let token = GitHubMemory.Token(
            text: answer.token, endsAt: Timestamp(rfc3339: answer.end) ?? now + .seconds(600),
            permissions: answer.permissions ?? [:])
        api.memory.keep(token, of: place)
        return token
    }

    private func place(_ app: String, _ installation: Int64) -> String {
        "\(api.settings.baseURL) \(app) \(installation)"
    }
}

import Curl
import Domain
import Foundation

/// Calls to one Jenkins job and its server, with the user's API token.
struct JenkinsClient: Sendable {
    let api: RemoteAPI
    /// Without a slash at its end.
    let base: String
    /// Of the job's page, without a slash at its end.
    let job: String
    private let authorization: String

    init(_ settings: JenkinsSettings, api: RemoteAPI) throws(RemoteFault) {
        let token = try api.tools.needed(settings.token)
        guard let path = JenkinsText.path(ofJob: settings.job) else { throw .refused(FailureWords.notStartable) }
        self.api = api
        base = settings.baseURL
        job = settings.baseURL + path
        authorization = "Basic " + Data("\(settings.user):\(token)".utf8).base64EncodedString()
    }

    /// The server's files, and those of stores that it links to.
    var files: RemoteFiles {
        RemoteFiles(api: api, base: base, credentials: [(name: "Authorization", value: authorization)])
    }

    func build(_ number: Int64) -> String { "\(job)/\(number)" }

    func request(_ method: HTTPRequest.Method, _ url: String) -> HTTPRequest {
        HTTPRequest(
            method, url, headers: [(name: "Authorization", value: authorization)], redirects: .none)
    }

    /// The JSON of a page of Jenkins'.
    /// - Parameter tree: the fields that are wanted, so that the answer stays small.
    func json<Value: Decodable>(
        _ type: Value.Type, of page: String, tree: String, bodyLimit: Int = 8 << 20
    ) async throws(RemoteFault) -> Value {
        let url = "\(page)/api/json?tree=\(tree.percentEncoded)"
        return try await api.looking { () throws(RemoteFault) in
            try await api.json(type, request(.get, url), for: .reading, bodyLimit: bodyLimit)
        }
    }

    /// Does something; a redirect is the answer, since Jenkins sends browsers back to a page after many actions.
    func post(
        _ url: String, _ fields: [(name: String, value: String)] = [], also accepted: Set<Int>
    ) async throws(RemoteFault) -> HTTPAnswer {
        var request = request(.post, url)
        request.headers += try await crumb()
        request.body = .urlEncoded(fields)
        return try await api.send(request, for: .acting, also: accepted)
    }

    /// The headers that show Jenkins that no foreign page sent the request, with the session that they belong to. None
    /// where its operator has switched this off; token users need them only on old versions.
    private func crumb() async throws(RemoteFault) -> [(name: String, value: String)] {
        let answer = try await api.looking { () throws(RemoteFault) in
            try await api.send(request(.get, "\(base)/crumbIssuer/api/json"), for: .reading, also: [404])
        }
        guard answer.status != 404 else { return [] }
        let crumb = try api.decode(JenkinsAnswers.Crumb.self, answer, for: .reading)
        var headers = [(name: crumb.crumbRequestField, value: crumb.crumb)]
        if let cookie = answer.headers["set-cookie"]?.prefix(while: { $0 != ";" }), !cookie.isEmpty {
            headers.append((name: "Cookie", value: String(cookie)))
        }
        return headers
    }
}

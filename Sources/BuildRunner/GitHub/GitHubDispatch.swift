import Curl
import Domain
import Logging

/// The call that starts a workflow. Values are JSON texts: nothing in them is code (P5).
struct GitHubDispatch {
    struct Calls {
        var first: GitHubAPI.Call
        /// The same for servers that do not know `return_run_details`.
        var plain: GitHubAPI.Call?
    }

    private struct Workflow: Encodable {
        var ref: String
        var inputs: [String: String]
        var returnsRun: Bool?

        enum CodingKeys: String, CodingKey {
            case ref, inputs
            case returnsRun = "return_run_details"
        }
    }

    /// At most 10 members are allowed in a payload: all parameters are members of one.
    private struct Repository: Encodable {
        struct Payload: Encodable {
            var kiln: [String: String]
        }

        var type: String
        var payload: Payload

        enum CodingKeys: String, CodingKey {
            case type = "event_type"
            case payload = "client_payload"
        }
    }

    private let settings: GitHubSettings
    private let values: [String: String]

    init(_ settings: GitHubSettings, _ parameters: [JobParameters.Parameter]) {
        self.settings = settings
        values = Dictionary(parameters.map { ($0.name, $0.value) }) { _, last in last }
    }

    func call(in api: GitHubAPI) throws(RemoteFault) -> Calls {
        switch settings.trigger {
        case .workflow(let workflow):
            guard values.count <= GitHubProvider.mostInputs else {
                api.tools.logger.error(
                    "a workflow takes at most \(GitHubProvider.mostInputs) inputs",
                    metadata: ["repository": "\(settings.repository)", "parameters": "\(values.count)"])
                throw .refused(FailureWords.notStartable)
            }
            let path = "\(api.repository)/actions/workflows/\(workflow.percentEncoded)/dispatches"
            return Calls(
                first: try call(path, Workflow(ref: settings.ref, inputs: values, returnsRun: true)),
                plain: try call(path, Workflow(ref: settings.ref, inputs: values)))
        case .repository(let type):
            return Calls(
                first: try call(
                    "\(api.repository)/dispatches",
                    Repository(type: type, payload: Repository.Payload(kiln: values))))
        }
    }

    private func call(_ path: String, _ body: some Encodable) throws(RemoteFault) -> GitHubAPI.Call {
        GitHubAPI.Call(method: .post, path: path, body: try jsonText(body), purpose: .acting)
    }
}

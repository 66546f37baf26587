import Crypto
import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import _CryptoExtras

extension GitHubRoutes {
    func dispatchWorkflow(_ body: JSONValue?) -> Answer {
        guard let members = body?.members else { return error(400, "Problems parsing JSON") }
        let known: Set<String> = ways.returnsRun ? ["ref", "inputs", "return_run_details"] : ["ref", "inputs"]
        if let strange = members.keys.first(where: { !known.contains($0) }) {
            return error(422, "Invalid request.\n\n\"\(strange)\" is not a permitted key.")
        }
        guard let ref = members["ref"]?.string else {
            return error(422, "Invalid request.\n\n\"ref\" wasn't supplied.")
        }
        guard ref == "main" else { return error(422, "No ref found for: \(ref)") }
        var inputs: [String: String] = [:]
        for (name, value) in members["inputs"]?.members ?? [:] {
            guard let text = value.string else {
                return error(422, "Invalid request.\n\nFor 'properties/\(name)', \(value) is not a string.")
            }
            inputs[name] = text
        }
        guard inputs.count <= 25 else {
            return error(422, "you may only define up to 25 `inputs` for a `workflow_dispatch` event")
        }
        if let known = ways.inputs, let strange = inputs.keys.first(where: { !known.contains($0) }) {
            return error(422, "Unexpected inputs provided: [\"\(strange)\"]")
        }
        guard let key = inputs["KILN_ATTEMPT"] else {
            return error(422, "Required input 'KILN_ATTEMPT' not provided")
        }
        let id = begin(key, "workflow_dispatch", inputs)
        guard members["return_run_details"] == .flag(true) else { return Answer(204) }
        return json([
            "workflow_run_id": .integer(id),
            "run_url": .text("https://ghe.example.org/api/v3/repos/ada/images/actions/runs/\(id)"),
            "html_url": .text(GitHubDocuments.page(of: id)),
        ])
    }

    func dispatchRepository(_ body: JSONValue?) -> Answer {
        guard let members = body?.members else { return error(400, "Problems parsing JSON") }
        guard members["event_type"]?.string == "kiln" else {
            return error(422, "Invalid request.\n\n\"event_type\" wasn't supplied.")
        }
        guard let payload = members["client_payload"]?.members, payload.count <= 10 else {
            return error(
                422, "Invalid request.\n\nNo more than 10 properties are allowed; \(members.count) were supplied.")
        }
        guard let kiln = payload["kiln"]?.members, let key = kiln["KILN_ATTEMPT"]?.string else {
            return problem("the workflow of this test reads client_payload.kiln", status: 422)
        }
        _ = begin(key, "repository_dispatch", kiln.compactMapValues(\.string))
        return Answer(204)
    }

    /// As `run-name: Image ${{ inputs.KILN_ATTEMPT }}` names it.
    private func begin(_ key: String, _ event: String, _ inputs: [String: String]) -> Int64 {
        let now = clock.now()
        return state.withLockedValue { state in
            let id = GitHubPlayer.firstRun + Int64(state.runs.count)
            state.runs.append(
                GitHubPlayer.PlayedRun(
                    id: id, title: "Image \(key)", event: event, branch: "main", inputs: inputs, createdAt: now))
            return id
        }
    }

    // MARK: - Apps

    func giveToken(_ request: Request) -> Answer {
        guard let app = ways.app, request.method == "POST" else { return error(404, "Not Found") }
        let jwt = request.headers["authorization"]?.dropFirst("Bearer ".count) ?? ""
        if let fault = fault(of: jwt, app) { return problem("the App's JWT: \(fault)", status: 401) }
        guard request.path == "/app/installations/\(app.installation)/access_tokens" else {
            return error(404, "Not Found")
        }
        let end = clock.now() + .seconds(3600)
        let token = state.withLockedValue { state in
            let token = "ghs_\(state.tokens.count + 1)"
            state.tokens[token] = end
            return token
        }
        return json(
            [
                "token": .text(token), "expires_at": .text("\(end)".prefix(19) + "Z"),
                "permissions": ["actions": "write", "contents": "read", "metadata": "read"],
                "repository_selection": "selected",
            ], status: 201)
    }

    /// What GitHub has against an App's token; `nil`: nothing.
    private func fault(of jwt: Substring, _ app: GitHubPlayer.App) -> String? {
        let parts = jwt.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let head = Self.decoded(parts[0]), let body = Self.decoded(parts[1]),
            let signature = Self.decoded(parts[2]), let head = JSONValue(Array(head)),
            let claims = JSONValue(Array(body))
        else { return "not a JWT" }
        guard head["alg"] == "RS256" else { return "not signed with RS256" }
        let now = clock.now().milliseconds / 1000
        guard claims["iss"] == .text(app.id) else { return "another App" }
        guard let issued = claims["iat"]?.count, issued <= now else { return "'iat' is in the future" }
        guard let end = claims["exp"]?.count, end > now, end <= now + 600 else {
            return "'exp' is too far in the future"
        }
        guard let key = try? _RSA.Signing.PublicKey(pemRepresentation: app.publicKey) else { return "no key" }
        let isSigned = key.isValidSignature(
            _RSA.Signing.RSASignature(rawRepresentation: signature), for: Data("\(parts[0]).\(parts[1])".utf8),
            padding: .insecurePKCS1v1_5)
        return isSigned ? nil : "A JSON web token could not be decoded"
    }

    private static func decoded(_ text: Substring) -> Data? {
        var text = String(text).replacing("-", with: "+").replacing("_", with: "/")
        while !text.count.isMultiple(of: 4) { text += "=" }
        return Data(base64Encoded: text)
    }
}

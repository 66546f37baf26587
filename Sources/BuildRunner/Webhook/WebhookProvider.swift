import Curl
package import Domain
import Foundation

/// Builds wherever the operator's own service builds: asked by signed POSTs, reporting by callback.
///
/// The attempt's key goes with each request (`Idempotency-Key`), so that a service that is asked twice starts one run.
/// Logs and files come by callback only.
package struct WebhookProvider: BuildProvider {
    package let name = ProviderSettings.Name.webhook.rawValue
    /// Only for services that say how a run goes; the others report by themselves.
    package let pollInterval = Duration.seconds(15)
    package let settlingTime = RemoteAPI.settlingTime

    private let tools: RemoteTools
    private let api: RemoteAPI

    private static let answerLimit = 256 << 10
    private static let longestLine = 500
    private static let redirects = Set(300..<400)

    package init(tools: RemoteTools) {
        self.tools = tools
        api = RemoteAPI(tools: tools, name: ProviderSettings.Name.webhook.rawValue)
    }

    package func trigger(_ order: BuildOrder, as attempt: Attempt) async -> ProviderAnswer<Run> {
        await remoteAnswer { () async throws(RemoteFault) -> Run in
            let document = WebhookMessages.Trigger(order, as: attempt, tools: tools)
            let answer = try await post(
                document, .trigger, order.recipe, key: attempt.publicKey, for: .acting, also: [409])
            return try run(in: answer, attempt, for: .acting).run
        }
    }

    package func find(_ attempt: Attempt, for order: BuildOrder) async -> ProviderAnswer<Run?> {
        await remoteAnswer { () async throws(RemoteFault) -> Run? in
            try await find(attempt, nil, order)?.run
        }
    }

    package func observe(_ run: Run, for order: BuildOrder) async -> ProviderAnswer<Observation> {
        await remoteAnswer { () async throws(RemoteFault) -> Observation in
            guard let seen = try await find(run.attempt, run, order) else {
                return Observation(status: .lost(reason: "the service knows no such run"))
            }
            let phase = seen.phase.map {
                Phase(label: $0.shownLine(limit: Self.longestLine), percent: seen.percent.map { min(max($0, 0), 100) })
            }
            return Observation(
                status: Self.status(of: seen), phase: phase, run: seen.run == run ? nil : seen.run)
        }
    }

    package func readLog(
        of run: Run, for order: BuildOrder, from offset: Int64, limit: Int
    ) async -> ProviderAnswer<[UInt8]> { .done([]) }

    package func cancel(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void> {
        await remoteAnswer { () async throws(RemoteFault) in
            guard let order else {
                // Without its recipe nobody knows the service and its secret.
                guard run == nil else { throw .refused(FailureWords.recipeGone) }
                return
            }
            let question = question(.cancel, attempt, run, order)
            let answer = try await post(
                question, .cancel, order.recipe, key: attempt.publicKey, for: .acting, also: [404, 410])
            if answer.status == 404 { try expectOwn(answer, for: .acting) }
        }
    }

    package func listFiles(of run: Run, for order: BuildOrder) async -> ProviderAnswer<[ProducedFile]> { .done([]) }

    package func fetch(
        _ file: ProducedFile, of run: Run, for order: BuildOrder, to path: String, limit: Int64
    ) async -> ProviderAnswer<Void> { .refused(FailureWords.runGone) }

    package func cleanUp(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void> {
        .done(())
    }

    package func changes(of run: Run) -> AsyncStream<Void>? { nil }

    package func check(_ recipes: [Recipe]) async -> [ProviderFinding] {
        var findings: [ProviderFinding] = []
        for recipe in recipes {
            guard case .webhook(let settings)? = recipe.build.settings(at: .webhook) else { continue }
            let subject = "recipe \(recipe.id): webhook"
            do throws(RemoteFault) {
                let document = WebhookMessages.Check(recipe: recipe.id.text)
                let answer = try await post(document, .check, recipe, key: nil, for: .reading)
                findings.append(
                    ProviderFinding(subject: subject, passed: true, message: "the service answered \(answer.status)"))
            } catch {
                findings.append(
                    ProviderFinding(
                        subject: subject, passed: false, message: error.words,
                        mend: tools.secret(settings.secret) == nil
                            ? settings.secret.place
                            : "Look at `url` and `secret` in the recipe, and at the service's own log."))
            }
        }
        return findings
    }

    // MARK: - Requests

    private func post(
        _ document: some Encodable & Sendable, _ event: WebhookEvent, _ recipe: Recipe, key: String?,
        for purpose: RemoteAPI.Purpose, also accepted: Set<Int> = []
    ) async throws(RemoteFault) -> HTTPAnswer {
        guard case .webhook(let settings)? = recipe.build.settings(at: .webhook) else {
            throw .refused(FailureWords.notStartable)
        }
        let secret = try tools.needed(settings.secret)
        let body = try jsonText(document)
        var headers = [
            (name: "Kiln-Event", value: event.rawValue),
            (name: "Kiln-Signature", value: WebhookSignature.header(for: body, secret: secret, at: tools.clock.now())),
            (name: "Accept", value: "application/json"),
        ]
        if let key { headers.append((name: "Idempotency-Key", value: key)) }
        // A redirect would take the callback's token elsewhere.
        let request = HTTPRequest(
            .post, settings.url, headers: headers, body: .bytes(body, contentType: "application/json"),
            redirects: .none)
        let answer = try await api.send(
            request, for: purpose, also: accepted.union(Self.redirects), bodyLimit: Self.answerLimit)
        if Self.redirects.contains(answer.status) {
            throw api.nonsense("the service led elsewhere (\(answer.status))", for: purpose)
        }
        return answer
    }

    private func question(
        _ event: WebhookEvent, _ attempt: Attempt, _ run: Run?, _ order: BuildOrder
    ) -> WebhookMessages.Question {
        WebhookMessages.Question(
            event: event.rawValue, build: order.build.id.text, attempt: attempt.publicKey, run: run?.id)
    }

    // MARK: - Answers

    private struct Seen {
        var run: Run
        var state: WebhookMessages.FoundRun.State?
        var message: String?
        var phase: String?
        var percent: Int?
    }

    /// `nil` if the service has no such run.
    private func find(_ attempt: Attempt, _ run: Run?, _ order: BuildOrder) async throws(RemoteFault) -> Seen? {
        let answer = try await post(
            question(.find, attempt, run, order), .find, order.recipe, key: attempt.publicKey, for: .reading,
            also: [404, 410])
        if answer.status == 404 || answer.status == 410 {
            try expectOwn(answer, for: .reading)
            return nil
        }
        return try self.run(in: answer, attempt, for: .reading)
    }

    /// A 404 that some server before the service gave says nothing about runs: the service's own has a JSON body.
    private func expectOwn(_ answer: HTTPAnswer, for purpose: RemoteAPI.Purpose) throws(RemoteFault) {
        struct Anything: Decodable {}
        _ = try api.decode(Anything.self, answer, for: purpose)
    }

    private func run(
        in answer: HTTPAnswer, _ attempt: Attempt, for purpose: RemoteAPI.Purpose
    ) throws(RemoteFault) -> Seen {
        let found = try api.decode(WebhookMessages.Answer.self, answer, for: purpose).run
        guard (1...200).contains(found.id.utf8.count), found.id.unicodeScalars.allSatisfy(ArtifactName.isShown) else {
            throw api.nonsense("the service named a run `\(found.id.shownLine(limit: Self.longestLine))`", for: purpose)
        }
        let url = found.url.flatMap {
            $0.hasPrefix("https://") || $0.hasPrefix("http://") ? $0.shownLine(limit: Self.longestLine) : nil
        }
        return Seen(
            run: Run(attempt: attempt, provider: name, id: found.id, url: url), state: found.state,
            message: found.message, phase: found.phase, percent: found.percent)
    }

    private static func status(of seen: Seen) -> Observation.Status {
        switch seen.state {
        case .queued: .waiting
        // Its end comes by callback.
        case .running, nil: .running
        case .succeeded: .succeeded
        case .failed: .failed(Failure(kind: .build, message: words(seen.message)))
        case .cancelled: .cancelled
        case .gone:
            .lost(reason: seen.message?.shownLine(limit: longestLine) ?? "the service says that the run is gone")
        }
    }

    private static func words(_ message: String?) -> String {
        let text = message?.shownLine(limit: longestLine) ?? ""
        return text.isEmpty ? "The build failed." : text
    }
}

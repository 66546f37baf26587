import BuildRunner
import Domain
import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct WebhookProviderTests {
    @Test(arguments: RemoteCase.allCases)
    func `It keeps the contract`(_ line: RemoteCase) async throws {
        try await RemoteConformance(ci: try await WebhookPlayer()).check(line)
    }

    private func started(_ ci: WebhookPlayer, _ order: BuildOrder) async throws -> (Attempt, Run) {
        let attempt = Attempt(number: 1, of: order.build.id)
        guard case .done(let run) = await ci.provider.trigger(order, as: attempt) else {
            throw Kiln.Unexpected.state("not started")
        }
        return (attempt, run)
    }

    @Test
    func `The signature is the one that docs/providers/webhook.md computes`() {
        let header = WebhookSignature.header(
            for: Array(#"{"event":"check","recipe":"sample"}"#.utf8), secret: "It's a secret",
            at: Timestamp(milliseconds: 1_795_000_000_999))
        #expect(header == "t=1795000000,v1=97196a6a8481b1eeafa2d4a9e81e134cf5d5ec3112b7ac79f290e1ec7037eef1")
    }

    @Test
    func `The service is given everything that its run needs`() async throws {
        let ci = try await WebhookPlayer()
        let upload = Upload(
            id: UploadID(unchecked: String(repeating: "0", count: 26)), name: "wall.png", contentType: "image/png",
            bytes: 5, sha256: "aa", receivedSHA256: "bb")
        var order = ci.order("Ada")
        order.build.inputs.values.append(
            InputValue(field: FieldName(unchecked: "wallpaper"), content: .upload(upload)))
        let (attempt, _) = try await started(ci, order)
        let bytes = try #require(ci.document(of: attempt))
        let document = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        #expect(document["build"] as? String == order.build.id.text)
        #expect(document["recipe"] as? String == "sample")
        let parameters = document["parameters"] as? [[String: String]]
        #expect(parameters?.contains(["name": "KILN_ATTEMPT", "value": attempt.publicKey]) == true)
        #expect(parameters?.last == ["name": "name", "value": "Ada"])
        let input = try #require((document["inputs"] as? [[String: Any]])?.first)
        #expect(input["field"] as? String == "wallpaper" && input["content_type"] as? String == "image/png")
        #expect(input["url"] as? String == Played.links.upload(upload, order, attempt))
        #expect(document["bundle"] as? String == "\(Played.links.folder(order, attempt))/inputs.tar.gz")
        #expect((document["callback"] as? [String: String])?["token"] == Played.links.token(attempt))
    }

    @Test
    func `A service that only calls back keeps its run running`() async throws {
        let ci = try await WebhookPlayer(saysState: false)
        let order = ci.order("Ada")
        let (attempt, run) = try await started(ci, order)
        try await ci.move(attempt, to: .succeeded)
        #expect(await ci.provider.observe(run, for: order) == .done(Observation(status: .running)))
    }

    @Test
    func `P3: a second call with the same key is answered with the same run`() async throws {
        let ci = try await WebhookPlayer()
        let order = ci.order("Ada")
        let (attempt, run) = try await started(ci, order)
        #expect(await ci.provider.trigger(order, as: attempt) == .done(run))
        #expect(run.url == "https://ci.example.org/run-1")
    }

    @Test
    func `A wrong secret makes builds wait and is found by the check`() async throws {
        let ci = try await WebhookPlayer(secret: "another")
        let order = ci.order("Ada")
        let answer = await ci.provider.trigger(order, as: Attempt(number: 1, of: order.build.id))
        guard case .refusedUntil = answer else { throw Kiln.Unexpected.state("\(answer)") }
        #expect(await ci.provider.check([order.recipe]).map(\.passed) == [false])
        let good = try await WebhookPlayer()
        #expect(await good.provider.check([good.order("Ada").recipe]).map(\.passed) == [true])
    }

    @Test
    func `A message of the service's is shown as one clean line`() async throws {
        let ci = try await WebhookPlayer()
        let order = ci.order("Ada")
        let (attempt, run) = try await started(ci, order)
        try await ci.move(attempt, to: .failed)
        let failure = Failure(kind: .build, message: "The kernel is missing.")
        #expect(await ci.provider.observe(run, for: order) == .done(Observation(status: .failed(failure))))
    }

    @Test
    func `A 404 of a server before the service says nothing about its runs`() async throws {
        let ci = try await WebhookPlayer()
        let order = ci.order("Ada")
        let (attempt, run) = try await started(ci, order)
        let page = PlayerServer.Answer(404, body: Array("<h1>Not found</h1>".utf8))
        ci.server.plan(.answer(page), times: 2, where: ci.asksForState)
        guard case .refusedUntil = await ci.provider.observe(run, for: order),
            case .refusedUntil = await ci.provider.find(attempt, for: order)
        else { throw Kiln.Unexpected.state("taken for the service's own") }
    }
}

import BuildRunner
import Domain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Intake
import Logging
import NIOCore
import Storage

extension ByteBuffer: ByteChunk {
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try unsafe withUnsafeReadableBytes(body)
    }
}

/// Takes submissions in, whichever way they come, and makes builds of them.
struct Submissions {
    let web: Web

    /// The key with which a submission repeats itself.
    enum Key: Hashable {
        case none
        /// Of a form: pressing the button twice, with the same contents, is one build.
        case form(String)
        /// Of a program, in `Idempotency-Key`: other contents under the same key are a mistake.
        case program(String)
    }

    /// Reads the body of a request as a submission of `recipe`.
    func read(_ request: Request, for recipe: Recipe, _ context: WebContext) async throws -> SubmissionReceiver.Outcome
    {
        let type = request.headers[.contentType] ?? ""
        let recipe = web.settings.mail.languages.reading(recipe, web.language(request))
        switch MediaType.essence(type) {
        case "multipart/form-data":
            try await refuseWhenFull()
            context.wantBody()
            let length = request.headers[.contentLength].flatMap { Int64($0) }
            return try await web.dependencies.receiver.receive(
                multipart: request.body, contentType: type, length: length, for: recipe)
        case "application/json":
            let bytes = try await collect(request, upTo: web.dependencies.receiver.textLimit(for: recipe), context)
            return try await web.dependencies.receiver.receive(json: bytes, for: recipe)
        case let other:
            throw WebError.unsupportedBody(found: other.isEmpty ? nil : String(other.prefix(100)))
        }
    }

    /// A small body as a whole.
    func collect(_ request: Request, upTo limit: Int, _ context: WebContext) async throws -> [UInt8] {
        try await refuseWhenFull()
        return try await web.body(of: request, upTo: limit, context) { .tooLarge(maximum: Int64(limit)) }
    }

    /// Says no before the body is read. The transaction that accepts asks again.
    private func refuseWhenFull() async throws {
        if web.stopping.isSet { throw WebError.stopping }
        guard let most = web.settings.accept.waiting else { return }
        if try await web.dependencies.builds.counts()[.queued, default: 0] >= most { throw WebError.queueFull }
    }

    /// How a submission becomes builds, beside its inputs.
    struct Wish: Hashable {
        var key = Key.none
        /// Built anew, even if the same was built before.
        var isFresh = false
        /// Only this one of the recipe's targets; `nil`: all that were chosen.
        var target: String?
        /// What the requester reads.
        var language = LanguageTag.english
    }

    /// Who submits.
    struct Client: Sendable {
        /// The network address, for limits.
        var source: String
        /// The connection, or the stream of one.
        var channel: any Channel
    }

    /// Makes builds of accepted inputs, one for each target, or finds those that the same submission made before; if
    /// that fails, the files go. The lead is returned.
    ///
    /// Nothing is looked through any more, and nothing accepted, once the client's connection (or stream) was broken off
    /// meanwhile. One that only says that it sends no more may still be waiting for the answer.
    func accept(
        _ inputs: Inputs, for recipe: Recipe, as wish: Wish, from client: Client
    ) async throws -> Build {
        do {
            let build = try await store(inputs, for: recipe, as: wish, from: client)
            if build.inputs != inputs { await discard(inputs) }
            await web.dependencies.faults.reach(.afterAccept)
            return build
        } catch {
            await discard(inputs)
            throw error
        }
    }

    private func store(
        _ inputs: Inputs, for recipe: Recipe, as wish: Wish, from client: Client
    ) async throws -> Build {
        var generator = SystemRandomNumberGenerator()
        let now = web.now
        let address: String? = recipe.addressField.flatMap { field in
            if case .text(let address) = inputs[field.name] { address } else { nil }
        }
        let fingerprint = Fingerprint.of(inputs)
        let storedKey: String? =
            switch wish.key {
            case .none: nil
            case .form(let key): "form:\(recipe.id):\(key):\(fingerprint)"
            case .program(let key): "program:\(key)"
            }
        let targets = wish.target.map { [$0] } ?? recipe.targets(chosenIn: inputs)
        var new: [NewBuild] = []
        for target in targets {
            let isReusable = recipe.build.reuseWithin != nil && !wish.isFresh
            new.append(
                NewBuild(
                    id: .make(at: now, using: &generator), recipe: recipe.id, recipeDigest: recipe.digest,
                    provider: recipe.build.provider, inputs: inputs, address: address,
                    priority: recipe.build.priority, retention: recipe.retention, source: client.source,
                    idempotencyKey: storedKey, target: target,
                    reuseKey: isReusable ? Fingerprint.ofResult(inputs, recipe, target) : nil,
                    reuseWithin: recipe.build.reuseWithin, language: wish.language,
                    confirmWithin: address == nil ? nil : web.settings.mail.confirmWithin,
                    isToGather: recipe.isToGather(inputs)))
        }
        if recipe.check != nil {
            // Nobody's form is looked through that would not be taken anyway, and none twice.
            let early = try await web.dependencies.builds.preview(new, limits: web.settings.accept, at: now)
            if let early { return try build(of: early, recipe, fingerprint) }
            let findings = try await check(inputs, for: recipe, client)
            if let findings, findings.pictures.isEmpty, recipe.fetch?.address(in: inputs) == nil {
                // It fetches nothing, and need not wait for others that do.
                for place in new.indices { new[place].isToGather = false }
            }
        }
        let acceptance = try await web.dependencies.builds.accept(new, limits: web.settings.accept, at: web.now)
        return try build(of: acceptance, recipe, fingerprint)
    }

    /// Has the recipe's script look through the inputs.
    /// - Returns: `nil` where nothing checks.
    private func check(_ inputs: Inputs, for recipe: Recipe, _ client: Client) async throws -> CheckFindings? {
        guard let check = web.dependencies.check else { return nil }
        let findings: CheckFindings
        do throws(CheckFault) {
            findings = try await Self.findings(check, inputs, recipe, client)
        } catch {
            switch error {
            case .busy: throw WebError.checksBusy
            case .stopped: throw WebError.malformed(.cutShort)
            case .failed(let reason):
                web.dependencies.logger.error(
                    "A recipe's check failed", metadata: ["recipe": "\(recipe.id)", "reason": "\(reason)"])
                throw WebError.checksUnavailable
            }
        }
        guard findings.problems.isEmpty else { throw WebError.checkFailed(Self.faults(findings, recipe)) }
        return findings
    }

    /// The check's answer; `.stopped` once the client has gone, which waits for it in vain.
    private static func findings(
        _ check: SubmissionCheck, _ inputs: Inputs, _ recipe: Recipe, _ client: Client
    ) async throws(CheckFault) -> CheckFindings {
        let (presence, gone) = AsyncStream.makeStream(of: Void.self)
        client.channel.closeFuture.whenComplete { _ in gone.finish() }
        let result = await withTaskGroup(of: Result<CheckFindings, CheckFault>?.self) { group in
            group.addTask {
                do throws(CheckFault) {
                    return .success(try await check.findings(on: inputs, for: recipe, source: client.source))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                for await _ in presence {}
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? .failure(.stopped)
        }
        return try result.get()
    }

    /// In the order of the form; what is about all of it comes first.
    private static func faults(_ findings: CheckFindings, _ recipe: Recipe) -> [FaultMessage] {
        let places = Dictionary(recipe.fields.enumerated().map { ($1.name, $0) }) { first, _ in first }
        let ordered = findings.problems.enumerated().sorted { one, other in
            let (first, second) = (one.element.field.flatMap { places[$0] }, other.element.field.flatMap { places[$0] })
            return (first ?? -1, one.offset) < (second ?? -1, other.offset)
        }
        var faults = ordered.map { _, problem in
            FaultWording.message(problem.fault, of: problem.field.flatMap { recipe.field($0) })
        }
        if findings.problemsLeftOut > 0, let last = faults.last {
            faults.append(
                FaultMessage(
                    field: last.field, code: last.code, message: "There are \(findings.problemsLeftOut) more faults."))
        }
        return faults
    }

    private func build(of acceptance: Acceptance, _ recipe: Recipe, _ fingerprint: String) throws -> Build {
        switch acceptance {
        case .accepted(let build): return build
        case .existing(let build):
            guard build.recipe == recipe.id, Fingerprint.of(recipe.submitted(build.inputs)) == fingerprint else {
                throw WebError.idempotencyKeyReused
            }
            return build
        case .queueFull: throw WebError.queueFull
        case .tooManyFromSource(let wait): throw WebError.tooManyFromSource(retryAfter: wait)
        case .tooManyForAddress(let wait): throw WebError.tooManyForAddress(retryAfter: wait)
        case .suppressed(let suppression): throw WebError.addressRefused(.suppressed(suppression.reason))
        case .blocked: throw WebError.addressRefused(.blocked)
        }
    }

    /// Takes back files that no build owns.
    private func discard(_ inputs: Inputs) async {
        await web.dependencies.uploads.remove(inputs.uploads.map(\.id))
    }

    /// `?fresh=1`: an earlier result is not wanted.
    static func wantsFresh(_ request: Request) -> Bool {
        PercentCoding.query(request.uri.query).contains {
            $0.name == "fresh" && ($0.value == "1" || $0.value == "true")
        }
    }

    /// The key of a request; a program's counts before a form's.
    static func key(_ request: Request) throws -> Key {
        if let key = request.headers[.idempotencyKey] {
            guard (1...200).contains(key.utf8.count), key.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
                throw WebError.idempotencyKeyInvalid
            }
            return .program(key)
        }
        let key = PercentCoding.query(request.uri.query).first { $0.name == "_submission" }?.value
        return key.map { .form(String($0.prefix(100))) } ?? .none
    }
}

extension Web {
    func client(_ request: Request, _ context: WebContext) -> Submissions.Client {
        Submissions.Client(source: source(request, context), channel: context.channel)
    }
}

/// `type/subtype` of a media type, in lower case.
enum MediaType {
    static func essence(_ header: String) -> String {
        (header.split(separator: ";", omittingEmptySubsequences: false).first ?? "").trimmingASCIISpace().lowercased()
    }
}

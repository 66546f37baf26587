import Domain
import FileKind
import Logging
import Storage

extension BuildAdvance {
    /// How long a provider may fail to hand out the files of a run that succeeded.
    private static let fetchLimit = Duration.seconds(1800)
    private static let fetchPause = Duration.seconds(5)
    private static let signPause = Duration.seconds(30)

    /// What a provider could not hand out: for good, or now.
    private enum FetchFault: Error {
        case refused(Failure)
        case later(Duration, String)
    }

    /// collecting: takes the run's files over into the object store and checks them.
    func collect(_ order: BuildOrder, _ run: Run, from provider: any BuildProvider) async throws -> Step {
        let folder = "\(shop.scratch)/\(lease)"
        let result: Result<[Artifact], any Error>
        do {
            try await Blocking.run { () throws(FileFault) in try FolderWork.make(folder, mode: 0o700) }
            result = .success(try await artifacts(order, run, from: provider, folder))
        } catch {
            result = .failure(error)
        }
        // Whatever came of it; what stays after a crash is the caretaker's.
        try? await Blocking.run { () throws(FileFault) in try FolderWork.remove(folder) }
        if case .failure(let fault as StorageError) = result {
            // The disk of the objects, not the database: the claim says nothing about it (P2).
            return try await later(order, run, Self.fetchPause, "\(fault)")
        }
        do {
            let artifacts = try result.get()
            await shop.faults.reach(.beforeCollected)
            return try await record(
                .collected(artifacts, of: run.attempt, needsVerification: order.recipe.verify != nil), order)
        } catch let failure as Failure {
            return try await fail(order, run.attempt, failure)
        } catch SigningFault.unsignable(let failure) {
            return try await fail(order, run.attempt, failure)
        } catch SigningFault.unavailable(let reason) {
            return try await signLater(order, run, reason)
        } catch FetchFault.refused(let failure) {
            return try await fail(order, run.attempt, failure)
        } catch FetchFault.later(let pause, let reason) {
            return try await later(order, run, pause, reason)
        }
    }

    /// Tries it again, but not for ever (P2).
    private func later(_ order: BuildOrder, _ run: Run, _ pause: Duration, _ reason: String) async throws -> Step {
        try Task.checkCancellation()
        shop.logger.warning(
            "the files of a run could not be fetched",
            metadata: ["build": "\(order.build.id)", "reason": "\(reason)"])
        let began = try await time(of: .runSucceeded, in: order.build)
        guard shop.clock.now() - began < Self.fetchLimit else {
            return try await fail(order, run.attempt, FailureWords.silent)
        }
        return rest(pause)
    }

    /// The product is made, and only its operator can help: it waits as long as a build may.
    private func signLater(_ order: BuildOrder, _ run: Run, _ reason: String) async throws -> Step {
        try Task.checkCancellation()
        shop.logger.error(
            "a product cannot be signed; `kiln doctor` says more",
            metadata: ["build": "\(order.build.id)", "reason": "\(reason)"])
        let began = try await time(of: .runSucceeded, in: order.build)
        guard shop.clock.now() - began < Self.fetchLimit + order.recipe.build.maxWait else {
            return try await fail(order, run.attempt, FailureWords.notSigned)
        }
        return rest(Self.signPause)
    }

    private func artifacts(
        _ order: BuildOrder, _ run: Run, from provider: any BuildProvider, _ folder: String
    ) async throws -> [Artifact] {
        let sources = try await sources(order, run, from: provider)
        let choice = try ArtifactChoice(sources.map(\.file), rules: order.recipe.artifacts)
        var artifacts: [Artifact] = []
        for (number, (file, rule)) in choice.chosen.enumerated() {
            try Task.checkCancellation()
            let path = "\(folder)/\(number)"
            guard let source = sources.first(where: { $0.file == file }) else { continue }
            try await source.fetch(path, rule.maxBytes)
            let product = try await signed(path, file.name, rule, order, folder)
            artifacts.append(
                try await keep(product, as: file.name, .product, of: order.build.id) { kind, bytes throws(Failure) in
                    guard bytes <= rule.maxBytes else {
                        throw FailureWords.tooLarge(file.name, bytes, limit: rule.maxBytes)
                    }
                    guard let expected = rule.contentType, expected != kind.mimeType else { return }
                    throw FailureWords.wrongKind(
                        file.name, is: kind.humanName, not: FileKind.humanName(of: expected))
                })
        }
        return artifacts
    }

    /// The file as it is kept: signed, where the recipe says so; the unsigned one goes.
    private func signed(
        _ path: String, _ name: String, _ rule: ArtifactRule, _ order: BuildOrder, _ folder: String
    ) async throws -> String {
        guard let step = order.recipe.sign, step.artifact == rule.match else { return path }
        guard let signer = shop.signer else {
            throw SigningFault.unavailable(reason: "this server does not sign")
        }
        let signed = try await signer.sign(
            path, named: name, by: step, of: order.recipe.id, in: folder, limit: rule.maxBytes)
        try await Blocking.run { () throws(FileFault) in try FolderWork.remove(path) }
        return signed
    }

    /// A file that the run made, and how its bytes come to a path, at most so many.
    struct Source: Sendable {
        var file: ProducedFile
        var fetch: @Sendable (String, Int64) async throws -> Void
    }

    /// What the run sent by itself comes first; its provider is asked for the rest only if something is missing.
    private func sources(
        _ order: BuildOrder, _ run: Run, from provider: any BuildProvider
    ) async throws -> [Source] {
        let sent = try await sentFiles(run)
        if order.recipe.artifacts.areMet(by: sent.map(\.file.name)) { return sent }
        let names = Set(sent.map(\.file.name))
        let others = try await publishedFiles(order, run, from: provider)
        return sent + others.filter { !names.contains($0.file.name) }
    }

    private func sentFiles(_ run: Run) async throws -> [Source] {
        guard let files = shop.reportFiles else { return [] }
        return try await files.files(of: run.attempt).map { sent in
            Source(file: ProducedFile(name: sent.name, bytes: sent.bytes)) { path, limit in
                let stored = try await files.path(of: sent.name, of: run.attempt)
                try await Blocking.run { () throws(FileFault) in try FileWork.share(stored, as: path, limit: limit) }
            }
        }
    }

    private func publishedFiles(
        _ order: BuildOrder, _ run: Run, from provider: any BuildProvider
    ) async throws -> [Source] {
        if let released = await released(order), let links = shop.releases {
            return try taken(released).map { published in
                // A size that is not announced shows when the file is here.
                Source(file: ProducedFile(name: published.name, bytes: published.bytes ?? 0)) { path, limit in
                    try self.taken(await links.fetch(published, to: path, limit: limit))
                }
            }
        }
        return try taken(await provider.listFiles(of: run, for: order)).map { file in
            Source(file: file) { path, limit in
                try self.taken(await provider.fetch(file, of: run, for: order, to: path, limit: limit))
            }
        }
    }

    private func taken<Value>(_ answer: ProviderAnswer<Value>) throws(FetchFault) -> Value {
        switch answer {
        case .done(let value): value
        case .refused(let failure): throw .refused(failure)
        case .refusedUntil(let pause, let reason): throw .later(pause, reason)
        case .unknown(let reason): throw .later(Self.fetchPause, reason)
        }
    }

    /// Measures and checks a file and puts it into the object store; the file at `path` goes there.
    func keep(
        _ path: String, as name: String, _ role: Artifact.Role, of build: BuildID,
        check: @escaping @Sendable (FileKind, Int64) throws(Failure) -> Void
    ) async throws -> Artifact {
        let kinds = shop.kinds
        let artifact = try await Blocking.run {
            let (bytes, sha256) = try FileWork.measure(path)
            let kind = try kinds.kind(ofFileAt: path)
            try check(kind, bytes)
            return Artifact(name: name, role: role, contentType: kind.mimeType, bytes: bytes, sha256: sha256)
        }
        try await shop.objects.put(fileAt: path, as: ObjectKey(build: build, name: name))
        return artifact
    }
}

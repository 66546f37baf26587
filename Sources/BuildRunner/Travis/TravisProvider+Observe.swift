import Curl
package import Domain
import Logging

extension TravisProvider {
    package func observe(_ run: Run, for order: BuildOrder) async -> ProviderAnswer<Observation> {
        await remoteAnswer { () throws(RemoteFault) in
            let client = try client(for: order)
            switch try await fate(of: run, at: client) {
            case .waiting: return Observation(status: .waiting)
            case .build(let number): return try await observe(build: number, run.attempt, at: client)
            case .rejected(let words):
                tools.logger.error("Travis rejected a request", metadata: ["reason": "\(words)"])
                return Observation(
                    status: .failed(
                        Failure(kind: .infrastructure, message: "The build system did not accept the build.")))
            case .gone: return Observation(status: .lost(reason: "Travis no longer knows \(run.id)"))
            }
        }
    }

    enum Fate {
        case waiting
        case build(Int64)
        /// Travis will make no build of the request; why, in its words.
        case rejected(String)
        case gone
    }

    /// What became of a request; a build is one.
    func fate(of run: Run, at client: TravisClient) async throws(RemoteFault) -> Fate {
        let number: Int64
        switch TravisRunID(run.id) {
        case .build(let number): return .build(number)
        case .request(let request): number = request
        case nil: return .gone
        }
        let seen: TravisAnswers.Request
        do throws(RemoteFault) {
            seen = try await client.json(
                TravisAnswers.Request.self, of: "\(client.repository)/request/\(number)")
        } catch .missing {
            switch try await search(run.attempt, at: client).run {
            case .build(let build): return .build(build)
            case .request(let other): return other == number ? .gone : .waiting
            case nil: return .gone
            }
        }
        if let build = seen.builds?.map(\.id).max() { return .build(build) }
        guard seen.result == "rejected" else { return .waiting }
        return .rejected((seen.message ?? "no reason given").shownLine(limit: 200))
    }

    private func observe(
        build number: Int64, _ attempt: Attempt, at client: TravisClient
    ) async throws(RemoteFault) -> Observation {
        let build: TravisAnswers.Build
        do throws(RemoteFault) {
            build = try await client.json(
                TravisAnswers.Build.self, of: "\(client.base)/build/\(number)?include=build.jobs")
        } catch .missing {
            return Observation(status: .lost(reason: "Travis no longer has build \(number)"))
        }
        logs.note(build.jobs ?? [], of: attempt)
        let status = Self.status(build.state)
        return Observation(
            status: status, phase: status == .running ? Self.phase(of: build.jobs ?? []) : nil,
            run: run(.build(number), attempt, at: client))
    }

    /// A build that a person restarts is `created` again, under the same number.
    private static func status(_ state: String) -> Observation.Status {
        switch state {
        case "created", "queued", "received": .waiting
        case "passed": .succeeded
        case "failed": .failed(Failure(kind: .build, message: "The build failed."))
        case "errored":
            .failed(Failure(kind: .build, message: "The build broke off before it came to its end."))
        case "canceled": .cancelled
        default: .running
        }
    }

    /// The stage, or the job of several, that is under way.
    private static func phase(of jobs: [TravisAnswers.Job]) -> Phase? {
        let jobs = jobs.sorted { $0.id < $1.id }
        guard let place = jobs.firstIndex(where: { $0.state == "started" }) else { return nil }
        if let stage = jobs[place].stage?.name, !stage.isEmpty { return Phase(label: stage.shownLine(), percent: nil) }
        return jobs.count > 1 ? Phase(label: "Job \(place + 1) of \(jobs.count)", percent: nil) : nil
    }

    package func changes(of run: Run) -> AsyncStream<Void>? { nil }

    // MARK: - Ending

    package func cancel(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void> {
        guard let order else {
            tools.logger.warning(
                "a run cannot be ended: its recipe is no longer installed",
                metadata: ["provider": "\(name)", "attempt": "\(attempt.key)"])
            return .done(())
        }
        return await remoteAnswer { () throws(RemoteFault) in
            let client = try client(for: order)
            var known = run
            if known == nil {
                let found = try await search(attempt, at: client)
                known = found.run.map { self.run($0, attempt, at: client) }
                if known == nil, found.hasUnread {
                    throw .unknown(reason: "Travis has a request that it has not read yet")
                }
            }
            guard let known else { return }
            switch try await fate(of: known, at: client) {
            case .build(let number): try await cancel(build: number, at: client)
            case .waiting:
                // A request cannot be cancelled, only the build that comes of it.
                throw .refusedUntil(after: pollInterval, reason: "Travis has not made a build of the request yet")
            case .rejected, .gone: return
            }
        }
    }

    private func cancel(build number: Int64, at client: TravisClient) async throws(RemoteFault) {
        do throws(RemoteFault) {
            // 409: it is not running.
            _ = try await client.post(
                "\(client.base)/build/\(number)/cancel", [String: String](), also: [409])
        } catch .missing {
            return
        }
    }

    package func cleanUp(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void> {
        await logs.forget(attempt)
        return .done(())
    }

    // MARK: - Files

    /// None: Travis keeps none.
    package func listFiles(of run: Run, for order: BuildOrder) async -> ProviderAnswer<[ProducedFile]> { .done([]) }

    package func fetch(
        _ file: ProducedFile, of run: Run, for order: BuildOrder, to path: String, limit: Int64
    ) async -> ProviderAnswer<Void> {
        .refused(FailureWords.noArtifact(file.name))
    }
}

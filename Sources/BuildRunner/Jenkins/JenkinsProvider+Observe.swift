import Curl
package import Domain
import Logging

extension JenkinsProvider {
    package func observe(_ run: Run, for order: BuildOrder) async -> ProviderAnswer<Observation> {
        await remoteAnswer { () throws(RemoteFault) in
            let client = try client(for: order)
            switch JenkinsRunID(run.id) {
            case .queued(let item): return try await observe(item: item, run.attempt, at: client)
            case .build(let number): return try await observe(build: number, run.attempt, at: client)
            case nil: throw .refused(FailureWords.runGone)
            }
        }
    }

    private func observe(
        item: Int64, _ attempt: Attempt, at client: JenkinsClient
    ) async throws(RemoteFault) -> Observation {
        switch try await fate(of: item, attempt, at: client) {
        case .waiting: return Observation(status: .waiting)
        case .build(let number): return try await observe(build: number, attempt, at: client)
        case .cancelled: return Observation(status: .cancelled)
        case .gone: return Observation(status: .lost(reason: "Jenkins no longer knows the queue item \(item)"))
        }
    }

    enum ItemFate {
        case waiting
        case build(Int64)
        case cancelled
        case gone
    }

    /// What became of a queue item. Jenkins forgets one some minutes after it has left the queue; its build remains.
    func fate(
        of item: Int64, _ attempt: Attempt, at client: JenkinsClient
    ) async throws(RemoteFault) -> ItemFate {
        do throws(RemoteFault) {
            let seen = try await client.json(
                JenkinsAnswers.QueueItem.self, of: "\(client.base)/queue/item/\(item)",
                tree: "id,cancelled,executable[number],actions[parameters[name,value]]")
            // Numbers begin anew where Jenkins lost its queue: another's item says nothing about this one (P4).
            if seen.actions?.parameter(JobParameters.attempt) == attempt.publicKey {
                if let executable = seen.executable { return .build(executable.number) }
                return seen.cancelled == true ? .cancelled : .waiting
            }
        } catch .missing {
            // Looked for below.
        }
        switch try await find(attempt, at: client) {
        case .build(let number): return .build(number)
        case .queued: return .waiting
        case nil: return .gone
        }
    }

    private func observe(
        build number: Int64, _ attempt: Attempt, at client: JenkinsClient
    ) async throws(RemoteFault) -> Observation {
        let seen = try await look(at: number, attempt, at: client)
        guard seen.status.isEnd, seen.status != .succeeded,
            case .build(let newest) = try await newestBuild(of: attempt, at: client), newest > number
        else { return seen }
        // A person has started it again.
        return try await look(at: newest, attempt, at: client)
    }

    private func look(
        at number: Int64, _ attempt: Attempt, at client: JenkinsClient
    ) async throws(RemoteFault) -> Observation {
        let build: JenkinsAnswers.Build
        do throws(RemoteFault) {
            build = try await client.json(
                JenkinsAnswers.Build.self, of: client.build(number),
                tree: "number,building,result,actions[parameters[name,value]]")
        } catch .missing {
            return Observation(status: .lost(reason: "Jenkins no longer has build \(number)"))
        }
        // A job that was made anew counts from 1 again: its build is another's (P4).
        guard build.actions?.parameter(JobParameters.attempt) == attempt.publicKey else {
            return Observation(status: .lost(reason: "build \(number) at Jenkins is another one now"))
        }
        let status = Self.status(of: build)
        let phase = status == .running && build.isPipeline ? try await phase(of: number, at: client) : nil
        return Observation(status: status, phase: phase, run: run(.build(number), attempt, at: client))
    }

    private static func status(of build: JenkinsAnswers.Build) -> Observation.Status {
        // While it builds, the result is the worst so far.
        guard build.building != true else { return .running }
        switch build.result {
        case "SUCCESS": return .succeeded
        case "FAILURE":
            return .failed(Failure(kind: .build, message: "The build failed."))
        case "UNSTABLE":
            return .failed(Failure(kind: .build, message: "The build was made, but its own tests failed."))
        case "ABORTED": return .cancelled
        case "NOT_BUILT":
            return .failed(
                Failure(kind: .infrastructure, message: "The build system put the build aside without building."))
        default: return .running
        }
    }

    /// The stage that is under way. Only shown: a Jenkins that does not tell delays nothing.
    private func phase(of number: Int64, at client: JenkinsClient) async throws(RemoteFault) -> Phase? {
        do throws(RemoteFault) {
            let url = "\(client.build(number))/wfapi/describe"
            let pipeline = try await api.json(
                JenkinsAnswers.Pipeline.self, client.request(.get, url), for: .reading)
            let current = pipeline.stages.last { ["IN_PROGRESS", "PAUSED_PENDING_INPUT"].contains($0.status) }
            return current.map { Phase(label: $0.name.shownLine(), percent: nil) }
        } catch .missing {
            // The plugin that tells of stages is not installed.
            return nil
        } catch {
            tools.logger.debug("Jenkins does not tell a build's stage", metadata: ["answer": "\(error)"])
            return nil
        }
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
            let id: JenkinsRunID?
            if let run { id = JenkinsRunID(run.id) } else { id = try await find(attempt, at: client) }
            switch id {
            case .queued(let item): try await cancel(item: item, attempt, at: client)
            case .build(let number): try await stop(number, attempt, at: client)
            case nil: break
            }
        }
    }

    private func cancel(item: Int64, _ attempt: Attempt, at client: JenkinsClient) async throws(RemoteFault) {
        switch try await fate(of: item, attempt, at: client) {
        case .cancelled, .gone: return
        case .build(let number): return try await stop(number, attempt, at: client)
        case .waiting: break
        }
        // Old versions answer 404 after they have done it (JENKINS-21311).
        _ = try await client.post("\(client.base)/queue/cancelItem?id=\(item)", also: [302, 303, 404])
        switch try await fate(of: item, attempt, at: client) {
        case .cancelled, .gone: return
        case .build(let number): try await stop(number, attempt, at: client)
        case .waiting:
            throw .refusedUntil(after: RemoteAPI.pauseForServer, reason: "Jenkins keeps the item in its queue")
        }
    }

    private func stop(_ number: Int64, _ attempt: Attempt, at client: JenkinsClient) async throws(RemoteFault) {
        guard try await look(at: number, attempt, at: client).status == .running else { return }
        do throws(RemoteFault) {
            _ = try await client.post("\(client.build(number))/stop", also: [302, 303])
        } catch .missing {
            return
        }
    }

    package func cleanUp(_ attempt: Attempt, run: Run?, for order: BuildOrder?) async -> ProviderAnswer<Void> {
        await logs.forget(attempt)
        return .done(())
    }
}

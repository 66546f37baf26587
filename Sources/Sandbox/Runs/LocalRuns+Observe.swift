extension LocalRuns {
    /// How the run stands now.
    package func observe(_ key: RunKey) async throws(SandboxError) -> RunObservation {
        let run = folder(of: key)
        return try await Blocking.run { () throws(SandboxError) in try run.observe() }
    }

    /// A value whenever there may be something new to observe: more log, an end, a lost supervisor.
    ///
    /// Many changes at once become one. It ends when the run is removed, and at once if there is none.
    package func changes(of key: RunKey) -> AsyncStream<Void> {
        changes(in: folder(of: key))
    }

    /// Waits until the run is no longer as `known`, at most for `timeout`; how it stands then.
    package func waitForChange(
        of key: RunKey, since known: RunObservation, timeout: Duration
    ) async throws -> RunObservation {
        let changes = changes(of: key)
        _ = try await waitUntil(changes, limit: timeout) { try await self.observe(key) != known }
        return try await observe(key)
    }

    /// Up to `limit` bytes of the run's log from a place in it; empty at the end, and when there is no log yet.
    package func log(of key: RunKey, from offset: Int, limit: Int) async throws(SandboxError) -> [UInt8] {
        let path = folder(of: key).log
        return try await Blocking.run { () throws(SandboxError) in
            System.exists(path) ? try System.read(path, from: offset, limit: limit) : []
        }
    }

    /// The folder of the run's files: relative sources of binds are in it.
    package func files(of key: RunKey) -> String {
        folder(of: key).files
    }

    /// The runs that are there, in whatever state.
    package func list() async throws(SandboxError) -> [RunKey] {
        let directory = directory
        return try await Blocking.run { () throws(SandboxError) in
            try System.names(in: directory).compactMap(RunKey.init).sorted { $0.rawValue < $1.rawValue }
        }
    }

    /// Asks `condition` now and after each change, until it holds or the limit is over; whether it holds.
    func waitUntil(
        _ changes: AsyncStream<Void>, limit: Duration, _ condition: @escaping @Sendable () async throws -> Bool
    ) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                if try await condition() { return true }
                for await _ in changes where try await condition() { return true }
                return try await condition()
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return false
            }
            let holds = try await group.next() ?? false
            group.cancelAll()
            return holds
        }
    }
}

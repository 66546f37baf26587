package import Domain

extension TravisProvider {
    package func readLog(
        of run: Run, for order: BuildOrder, from offset: Int64, limit: Int
    ) async -> ProviderAnswer<[UInt8]> {
        await remoteAnswer { () throws(RemoteFault) in
            guard case .build = TravisRunID(run.id) else { return [] }
            return try await logs.read(run.attempt, at: try client(for: order), from: offset, limit: limit)
        }
    }
}

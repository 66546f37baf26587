/// Work of a provider on this machine's own disk. What fails there says nothing about the run and is tried again.
func onDisk<Value: Sendable>(
    _ work: @escaping @Sendable () throws(FileFault) -> Value
) async throws(RemoteFault) -> Value {
    do throws(FileFault) {
        return try await Blocking.run(work)
    } catch {
        throw .refusedUntil(after: RemoteAPI.pauseForServer, reason: "this server's disk failed: \(error)")
    }
}

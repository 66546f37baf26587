/// Work on this machine's own disk for a provider: what fails there says nothing about the run and is tried again.
func onDisk<Value>(_ work: () async throws(FileFault) -> Value) async throws(RemoteFault) -> Value {
    do throws(FileFault) {
        return try await work()
    } catch {
        throw .refusedUntil(after: RemoteAPI.pauseForServer, reason: "this server's disk failed: \(error)")
    }
}

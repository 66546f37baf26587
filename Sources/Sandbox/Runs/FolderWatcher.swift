internal import CLinux
internal import Dispatch
internal import Glibc
internal import NIOConcurrencyHelpers
internal import SystemPackage

/// Says when something changes in folders, by the kernel's word (inotify): one descriptor for any number of folders.
final class FolderWatcher: Sendable {
    private struct State {
        var nextReader: UInt64 = 0
        var readers: [Int32: [UInt64: AsyncStream<Void>.Continuation]] = [:]
    }

    private let descriptor: Int32
    private let state = NIOLockedValueBox(State())
    // Safe because dispatch sources may be used from any thread; Dispatch does not say so in its types yet.
    private nonisolated(unsafe) let source: any DispatchSourceRead

    private struct Weak {
        weak var watcher: FolderWatcher?
    }

    private static let current = NIOLockedValueBox(Weak())

    /// The process's one: Linux gives all processes of a user few descriptors of this kind (128 by default).
    static func shared() throws(SandboxError) -> FolderWatcher {
        let result = current.withLockedValue { current -> Result<FolderWatcher, SandboxError> in
            if let watcher = current.watcher { return .success(watcher) }
            do throws(SandboxError) {
                let watcher = try FolderWatcher()
                current.watcher = watcher
                return .success(watcher)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private init() throws(SandboxError) {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { throw System.failure("inotify", "(sysctl fs.inotify.max_user_instances)") }
        self.descriptor = descriptor
        let source = DispatchSource.makeReadSource(
            fileDescriptor: descriptor, queue: DispatchQueue(label: "kiln.sandbox.watcher"))
        unsafe self.source = source
        source.setEventHandler { [weak self] in self?.deliver() }
        source.setCancelHandler { _ = close(descriptor) }
        source.activate()
    }

    deinit {
        unsafe source.cancel()
        state.withLockedValue { $0.readers.values.flatMap(\.values) }.forEach { $0.finish() }
    }

    /// A value for each change (many at once become one); ends when the folder goes, at once if it is not there.
    func changes(in folder: String) -> AsyncStream<Void> {
        let (stream, reader) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let events =
            IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF | Int32(IN_ONLYDIR)
        let added: (watch: Int32, number: UInt64)? = state.withLockedValue { state in
            let watch = unsafe inotify_add_watch(descriptor, folder, UInt32(bitPattern: events))
            guard watch >= 0 else { return nil }
            state.nextReader += 1
            state.readers[watch, default: [:]][state.nextReader] = reader
            return (watch, state.nextReader)
        }
        guard let added else {
            reader.finish()
            return stream
        }
        reader.onTermination = { [weak self] _ in self?.remove(added.number, of: added.watch) }
        return stream
    }

    private func remove(_ number: UInt64, of watch: Int32) {
        state.withLockedValue { state in
            guard state.readers[watch]?.removeValue(forKey: number) != nil, state.readers[watch]?.isEmpty == true else {
                return
            }
            state.readers[watch] = nil
            _ = inotify_rm_watch(descriptor, watch)
        }
    }

    private func deliver() {
        while let bytes = try? System.readSome(FileDescriptor(rawValue: descriptor), limit: 16_384, path: ""),
            !bytes.isEmpty
        {
            var changed: Set<Int32> = []
            var gone: Set<Int32> = []
            var offset = 0
            // struct inotify_event: int wd; uint32_t mask, cookie, len; char name[len];
            while offset + 16 <= bytes.count {
                let word = { (at: Int) in
                    (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[offset + at + $1]) << UInt32(8 * $1) }.littleEndian
                }
                let watch = Int32(bitPattern: word(0))
                if word(4) & UInt32(IN_IGNORED) != 0 { gone.insert(watch) } else { changed.insert(watch) }
                offset += 16 + Int(word(12))
            }
            let (told, ended) = state.withLockedValue { state in
                (
                    changed.flatMap { state.readers[$0].map { Array($0.values) } ?? [] },
                    gone.flatMap { state.readers.removeValue(forKey: $0).map { Array($0.values) } ?? [] }
                )
            }
            told.forEach { $0.yield() }
            ended.forEach { $0.finish() }
        }
    }
}

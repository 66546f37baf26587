internal import CLinux
internal import Glibc
internal import NIOConcurrencyHelpers
internal import SystemPackage

/// An exclusive lock on a file that its holder loses only by releasing it or by ending, however that happens.
///
/// It is an "open file description" lock: not inherited through `exec`, not lost when another descriptor of the file is
/// closed, and others can ask about it without taking it.
final class FileLock: Sendable {
    private let file: NIOLockedValueBox<FileDescriptor?>

    private init(file: FileDescriptor) {
        self.file = NIOLockedValueBox(file)
    }

    deinit {
        release()
    }

    /// Takes the lock, or fails at once with `nil` when someone holds it. Makes the file when it is not there.
    static func take(_ path: String) throws(SandboxError) -> FileLock? {
        let file = try System.open(path, .readWrite, .create, permissions: .ownerReadWrite)
        let number = clinux_lock(file.rawValue)
        if number == 0 { return FileLock(file: file) }
        System.close(file)
        if number == EAGAIN || number == EACCES { return nil }
        throw .system(call: "lock", path: path, number: number)
    }

    /// Whether somebody holds the lock; `false` when the file is not there.
    static func isHeld(_ path: String) throws(SandboxError) -> Bool {
        let file: FileDescriptor
        do {
            file = try System.open(path, .readWrite)
        } catch .system(_, _, ENOENT) {
            return false
        }
        defer { System.close(file) }
        let answer = clinux_is_locked(file.rawValue)
        if answer < 0 { throw .system(call: "lock", path: path, number: -answer) }
        return answer == 1
    }

    func release() {
        if let file = file.withLockedValue({ $0.take() }) { System.close(file) }
    }
}

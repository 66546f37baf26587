import Glibc
import NIOConcurrencyHelpers

/// The sockets of a lane's connection, which other threads may break: libcurl waits for a QUIT's reply where it should
/// not, and does not look up from a wait when its caller has lost interest.
final class SMTPSocket: Sendable {
    private let open = NIOLockedValueBox<Set<Int32>>([])

    func add(_ descriptor: Int32) {
        open.withLockedValue { _ = $0.insert(descriptor) }
    }

    /// Under the lock, so that nobody breaks what has the same number afterwards.
    func close(_ descriptor: Int32) -> Int32 {
        open.withLockedValue { open in
            open.remove(descriptor)
            return Glibc.close(descriptor)
        }
    }

    /// Ends every wait for the server at once. The numbers stay libcurl's to close.
    func cut() {
        open.withLockedValue { open in
            for descriptor in open { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    var isConnected: Bool {
        open.withLockedValue { open in
            open.contains { descriptor in
                var address = sockaddr_storage()
                var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
                return unsafe withUnsafeMutablePointer(to: &address) { pointer in
                    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        unsafe getpeername(descriptor, $0, &length) == 0
                    }
                }
            }
        }
    }
}

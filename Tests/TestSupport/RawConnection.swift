import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A TCP connection to a server on this machine, byte by byte, for tests that a well-behaved client cannot make.
/// Blocking calls run on threads of their own; every wait ends after `patience`.
package final class RawConnection: Sendable {
    package enum Failure: Error {
        case noConnection(errno: Int32)
        case sendFailed(errno: Int32)
        /// Nothing came for as long as the test waits.
        case silence(received: String)
        case badAnswer(String)
    }

    private let socket: Int32

    /// - Parameter receiveBuffer: bytes that the kernel keeps for us unread; small for clients that do not read.
    package init(port: Int, patience: Double = 60, receiveBuffer: Int32? = nil) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: Int(patience), tv_usec: Int((patience - Double(Int(patience))) * 1e6))
        unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        unsafe setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        if var receiveBuffer {
            unsafe setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let socket = socket
        let outcome = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard outcome == 0 else { throw Failure.noConnection(errno: errno) }
    }

    deinit {
        close(socket)
    }

    /// When this goes, the server sees a reset, not an end.
    package func resetAtTheEnd() {
        var now = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }

    /// No more will be sent.
    package func finishSending() {
        shutdown(socket, Int32(SHUT_WR))
    }

    package func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    package func send(_ bytes: [UInt8]) async throws {
        try await run { socket in
            var sent = 0
            while sent < bytes.count {
                let count = unsafe bytes[sent...].withUnsafeBytes {
                    unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { throw Failure.sendFailed(errno: errno) }
                sent += count
            }
        }
    }

    /// What comes next; empty at the end of the stream, also if the peer reset it.
    package func receive(upTo count: Int = 65536) async throws -> [UInt8] {
        try await run { socket in
            var bytes = [UInt8](repeating: 0, count: count)
            let received = unsafe bytes.withUnsafeMutableBytes { unsafe recv(socket, $0.baseAddress, $0.count, 0) }
            if received < 0 {
                guard errno == ECONNRESET || errno == EPIPE else { throw Failure.silence(received: "") }
                return []
            }
            return Array(bytes.prefix(received))
        }
    }

    /// Everything until the stream ends.
    package func receiveAll() async throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let bytes = try await receive()
            if bytes.isEmpty { return all }
            all += bytes
        }
    }

    /// What comes until `isEnough` says so, or the stream ends.
    package func receive(
        within limit: Duration = .seconds(60), until isEnough: (String) -> Bool
    ) async throws -> String {
        var all: [UInt8] = []
        let start = ContinuousClock.now
        while true {
            let bytes: [UInt8]
            do {
                bytes = try await receive()
            } catch {
                throw Failure.silence(received: String(decoding: all, as: UTF8.self))
            }
            all += bytes
            let text = String(decoding: all, as: UTF8.self)
            guard ContinuousClock.now - start < limit else { throw Failure.silence(received: text) }
            if bytes.isEmpty || isEnough(text) { return text }
        }
    }

    /// A thread for each call: a queue's threads are few, and the server under test needs them.
    private func run<Value: Sendable>(_ work: @escaping @Sendable (Int32) throws -> Value) async throws -> Value {
        let socket = socket
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try work(socket) }) }
        }
    }
}

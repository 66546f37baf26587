import Foundation
import Glibc
import NIOConcurrencyHelpers

/// A server on bare sockets, for what no HTTP library would send. Each connection has a thread of its own, which plays the
/// script once a request's head has come, and again for the next request if the script wants one.
final class RawServer: Sendable {
    typealias Script = @Sendable (_ connection: RawPeer, _ head: String) -> Void

    let port: Int
    private let listener: Int32
    private let counted = NIOLockedValueBox((connections: 0, heads: [String]()))

    init(_ script: @escaping Script) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try unsafe withUnsafeMutablePointer(to: &address) { pointer in
            try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                guard unsafe bind(listener, pointer, length) == 0, listen(listener, 512) == 0,
                    unsafe getsockname(listener, pointer, &length) == 0
                else { throw POSIXError(.EADDRINUSE) }
            }
        }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        let counted = counted
        Thread {
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { break }
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                counted.withLockedValue { $0.connections += 1 }
                let peer = RawPeer(descriptor)
                let thread = Thread {
                    while let head = peer.readHead() {
                        counted.withLockedValue { $0.heads.append(head) }
                        script(peer, head)
                    }
                    peer.close()
                }
                thread.stackSize = 256 << 10
                thread.start()
            }
            _ = Glibc.close(listener)
        }.start()
    }

    deinit {
        // Ends `accept`, and by it the thread.
        _ = shutdown(listener, Int32(SHUT_RDWR))
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var connections: Int { counted.withLockedValue { $0.connections } }
    var heads: [String] { counted.withLockedValue { $0.heads } }
}

/// One connection as the server has it.
final class RawPeer: Sendable {
    private let descriptor: NIOLockedValueBox<Int32>

    init(_ descriptor: Int32) {
        self.descriptor = NIOLockedValueBox(descriptor)
    }

    private var open: Int32 { descriptor.withLockedValue { $0 } }

    /// The next request up to its empty line; `nil` at the end.
    func readHead() -> String? {
        var bytes: [UInt8] = []
        while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]) {
            var byte: UInt8 = 0
            guard unsafe recv(open, &byte, 1, 0) == 1 else { return nil }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether all of it could be sent; never once the client has gone.
    @discardableResult func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe send(open, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    @discardableResult func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    /// Returns when the client has gone.
    func waitForEnd() {
        var byte: UInt8 = 0
        while unsafe recv(open, &byte, 1, 0) > 0 {}
    }

    func close() {
        descriptor.withLockedValue { descriptor in
            if descriptor >= 0 { _ = Glibc.close(descriptor) }
            descriptor = -1
        }
    }

    /// The client sees a reset, not an end.
    func reset() {
        var now = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(open, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        close()
    }
}

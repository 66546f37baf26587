import Curl
import Foundation
import TestSupport
import Testing

/// What a server may send that no HTTP library sends: how each ends, in bounded memory and time (P6).
@Suite struct BrokenAnswerTests {
    static let good = "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n"

    let transfers = HTTPTransfers(TransferSettings(userAgent: "kiln-test"))

    private func ask(
        limit: Int = 64 << 10, timeLimit: Duration = .seconds(60), stallLimit: Duration = .seconds(60),
        compressed: Bool = false, _ script: @escaping @Sendable (RawPeer) -> Void
    ) async throws -> (answer: HTTPAnswer?, failure: HTTPFailure.Kind?) {
        let server = try RawServer { peer, _ in script(peer) }
        let request = HTTPRequest(
            .get, server.url, timeLimit: timeLimit, stallLimit: stallLimit, acceptsCompressed: compressed)
        do throws(HTTPFailure) {
            return (try await transfers.send(request, bodyLimit: limit), nil)
        } catch {
            return (nil, error.kind)
        }
    }

    @Test func `a body that ends before its length is cut`() async throws {
        let end = try await ask { peer in
            peer.write(Self.good + "Content-Length: 100\r\n\r\nhalf")
            peer.close()
        }
        #expect(end.failure == .interrupted)
        let reset = try await ask { peer in
            peer.write(Self.good + "Content-Length: 100\r\n\r\nhalf")
            peer.reset()
        }
        #expect(reset.failure == .interrupted)
    }

    @Test(arguments: ["4\r\nhalf\r\n", "zz\r\nhalf", "4\r\nhalf", "FFFFFFFFFFFFFFFFF\r\nhalf"])
    func `chunks without an end, or that are none, are no body`(chunks: String) async throws {
        let end = try await ask { peer in
            peer.write(Self.good + "Transfer-Encoding: chunked\r\n\r\n" + chunks)
            peer.close()
        }
        #expect(end.failure == .interrupted)
    }

    @Test func `a body without a length ends with the connection`() async throws {
        let end = try await ask { peer in
            peer.write(Self.good + "Connection: close\r\n\r\nwhole")
            peer.close()
        }
        #expect(end.answer?.body == Array("whole".utf8))
    }

    @Test func `two lengths are a guess, and no answer (P9)`() async throws {
        let end = try await ask { $0.write(Self.good + "Content-Length: 5\r\nContent-Length: 2\r\n\r\nwhole") }
        #expect(end.failure == .interrupted)
        let same = try await ask { $0.write(Self.good + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nwhole") }
        #expect(same.answer?.body == Array("whole".utf8))
    }

    @Test(arguments: ["\u{16}\u{3}\u{1} this is no HTTP\r\n\r\n", ""])
    func `what is no HTTP is a broken connection`(bytes: String) async throws {
        let end = try await ask { peer in
            peer.write(bytes)
            peer.close()
        }
        #expect(end.failure == .interrupted)
    }

    @Test func `silence in the middle, and drops for ever, end with their time`() async throws {
        let limit = Duration.milliseconds(300)
        let silent = try await ask(timeLimit: limit) { peer in
            peer.write(Self.good + "Content-Length: 100\r\n\r\nhalf")
            peer.waitForEnd()
        }
        #expect(silent.failure == .timedOut)
        let stalled = try await ask(stallLimit: .seconds(1)) { $0.waitForEnd() }
        #expect(stalled.failure == .timedOut)
        for start in ["", Self.good + "Content-Length: 10000\r\n\r\n"] {
            let dripping = try await ask(timeLimit: limit) { peer in
                peer.write(start.isEmpty ? "HTTP/1.1 200 OK\r\nX: " : start)
                while peer.write("y") { usleep(5000) }
            }
            #expect(dripping.failure == .timedOut)
        }
    }

    @Test func `heads are bounded: one long line, many lines, many answers`() async throws {
        let long = try await ask { $0.write(Self.good + "X: " + String(repeating: "h", count: 300 << 10) + "\r\n\r\n") }
        #expect(long.failure == .tooLarge)
        let many = try await ask { $0.write(Self.good + Self.headers(40_000)) }
        #expect(many.failure == .tooLarge)
        let endless = try await ask { peer in
            while peer.write("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n") {}
        }
        #expect(endless.failure == .tooLarge)
        let trailers = try await ask { peer in
            peer.write(Self.good + "Transfer-Encoding: chunked\r\n\r\n0\r\n")
            while peer.write("X: y\r\n") {}
        }
        #expect(trailers.failure == .tooLarge)
    }

    @Test func `twenty thousand headers are within the bound`() async throws {
        let end = try await ask { $0.write(Self.good + Self.headers(20_000) + "Content-Length: 2\r\n\r\nok") }
        #expect(end.answer?.headers.count == 20_002)
        #expect(end.answer?.headers["x-19999"] == "y")
    }

    @Test func `an interim answer is none, and trailers are no headers`() async throws {
        let end = try await ask { peer in
            peer.write("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\nX-A: early\r\n\r\n")
            peer.write(
                Self.good + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-A: late\r\nHTTP/1.1 500 X: y\r\n\r\n")
        }
        #expect(end.answer?.status == 200)
        #expect(end.answer?.headers == ["content-type": "a/b", "transfer-encoding": "chunked"])
        #expect(end.answer?.body == Array("ok".utf8))
    }

    @Test func `a folded header goes on with its value`() async throws {
        let end = try await ask { $0.write(Self.good + "X-A: one\r\n\t two \r\nContent-Length: 0\r\n\r\n") }
        #expect(end.answer?.headers["x-a"] == "one two")
    }

    @Test func `a gzip bomb is stopped by its unpacked size, and is never unpacked unasked`() async throws {
        let bomb = try await Self.bomb()
        let head = Self.good + "Content-Encoding: gzip\r\nContent-Length: \(bomb.count)\r\n\r\n"
        let asked = try await ask(limit: 1 << 20, compressed: true) { $0.write(Array(head.utf8) + bomb) }
        #expect(asked.failure == .tooLarge)
        let unasked = try await ask(limit: 1 << 20) { $0.write(Array(head.utf8) + bomb) }
        #expect(unasked.answer?.body == bomb)
        let broken = try await ask(compressed: true) { peer in
            peer.write(Self.good + "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nwrong")
        }
        #expect(broken.failure == .interrupted)
    }

    @Test func `a redirect's body without end is not read`() async throws {
        let end = try await ask { peer in
            peer.write("HTTP/1.1 302 Found\r\nLocation: /next\r\n\r\n")
            while peer.write([UInt8](repeating: 0x78, count: 4096)) {}
        }
        #expect(end.failure == .tooLarge)
    }

    private static func headers(_ count: Int) -> String {
        (0..<count).map { "X-\($0): y\r\n" }.joined()
    }

    /// 64 MiB of nothing.
    private static func bomb() async throws -> [UInt8] {
        Array(try await Program.run(["/bin/sh", "-c", "head -c 67108864 /dev/zero | gzip -9"]).output)
    }
}

import Curl
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite struct ManyTransfersTests {
    private func transfers(_ inFlight: Int, perHost: Int) -> HTTPTransfers {
        HTTPTransfers(TransferSettings(userAgent: "kiln-test", mostInFlight: inFlight, mostPerHost: perHost))
    }

    @Test func `two thousand at once are all answered, never more in flight than the gate lets through (P6)`()
        async throws
    {
        let busy = NIOLockedValueBox((now: 0, most: 0))
        let server = try await PlayerServer { request in
            busy.withLockedValue { busy in
                busy.now += 1
                busy.most = max(busy.most, busy.now)
            }
            await Task.yield()
            busy.withLockedValue { $0.now -= 1 }
            return .init(200, body: Array(request.path.utf8))
        }
        let transfers = transfers(64, perHost: 24)
        let right = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<2000 {
                group.addTask {
                    let answer = try? await transfers.send(HTTPRequest(.get, server.url + "/\(number)"))
                    return answer?.status == 200 && answer?.body == Array("/\(number)".utf8)
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(right == 2000)
        #expect(busy.withLockedValue { $0.most } <= 24)
    }

    @Test(arguments: [500, 100]) func `five hundred that nobody answers are cancelled at once, in flight or waiting`(
        inFlight: Int
    ) async throws {
        let (asked, note) = AsyncStream.makeStream(of: Void.self)
        let server = try await PlayerServer { _ in .init(200) }
        server.plan(.silence, times: 500) { request in
            guard request.path == "/slow" else { return false }
            note.yield()
            return true
        }
        let transfers = transfers(inFlight, perHost: inFlight)
        let url = server.url + "/slow"
        let stopped = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<500 {
                group.addTask { await transfers.fault(HTTPRequest(.get, url)) == .stopped }
            }
            var seen = asked.makeAsyncIterator()
            for _ in 0..<inFlight { _ = await seen.next() }
            group.cancelAll()
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(stopped == 500)
        // A cancelled one makes room, which one that is cancelled a moment later may still take.
        #expect(server.requests.count >= inFlight)
        // Their places are free again.
        #expect(try await transfers.send(HTTPRequest(.get, server.url + "/next")).status == 200)
    }

    @Test func `a task that was cancelled before asks nothing`() async throws {
        let server = try await PlayerServer { _ in .init(200) }
        let transfers = transfers(8, perHost: 8)
        let failure = await withTaskGroup(of: HTTPFailure?.self) { group in
            group.cancelAll()
            group.addTask { await transfers.fault(HTTPRequest(.get, server.url)) }
            return await group.next() ?? nil
        }
        #expect(failure == .stopped)
        #expect(server.requests.isEmpty)
    }

    @Test func `whose turn does not come in time has sent nothing`() async throws {
        let (asked, note) = AsyncStream.makeStream(of: Void.self)
        let server = try RawServer { peer, _ in
            note.yield()
            peer.waitForEnd()
        }
        let transfers = transfers(8, perHost: 1)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = await transfers.fault(HTTPRequest(.get, server.url)) }
            var seen = asked.makeAsyncIterator()
            _ = await seen.next()
            let late = HTTPRequest(.post, server.url, timeLimit: .milliseconds(50))
            #expect(await transfers.fault(late) == .unreachable("no turn in time"))
            group.cancelAll()
        }
        #expect(server.connections == 1)
    }

    @Test func `shutdown ends what is under way, and everything after it`() async throws {
        let (asked, note) = AsyncStream.makeStream(of: Void.self)
        let server = try RawServer { peer, _ in
            note.yield()
            peer.waitForEnd()
        }
        let transfers = transfers(8, perHost: 1)
        await withTaskGroup(of: HTTPFailure?.self) { group in
            for _ in 0..<3 { group.addTask { await transfers.fault(HTTPRequest(.get, server.url)) } }
            var seen = asked.makeAsyncIterator()
            _ = await seen.next()
            await transfers.shutdown()
            for await failure in group { #expect(failure == .stopped) }
        }
        #expect(await transfers.fault(HTTPRequest(.get, server.url)) == .stopped)
        await transfers.shutdown()
        #expect(server.connections == 1)
    }

    @Test func `the last reference closes the connections`() async throws {
        let (ended, note) = AsyncStream.makeStream(of: Void.self)
        let server = try RawServer { peer, _ in
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            peer.waitForEnd()
            note.yield()
        }
        var transfers: HTTPTransfers? = transfers(8, perHost: 1)
        #expect(try await transfers?.send(HTTPRequest(.get, server.url)).status == 200)
        transfers = nil
        var seen = ended.makeAsyncIterator()
        #expect(await seen.next() != nil)
    }
}

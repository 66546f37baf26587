import Crypto
import Curl
import Domain
import NIOConcurrencyHelpers

/// Fetches what belongs to one build: every address guarded, everything together within one time and one size.
struct Fetcher: Sendable {
    /// One thing that came.
    struct Fetched: Hashable, Sendable {
        var status: Int
        /// Where the bytes lie; `nil` if the answer was another than 200.
        var path: String?
        var bytes: Int64 = 0
        /// Lower-case hex.
        var sha256: String?
    }

    /// Requests of one build at once; each host has its own bound besides.
    static let atOnce = 8
    private static let connectLimit = Duration.seconds(10)
    private static let stallLimit = Duration.seconds(20)
    private static let mostRedirects = 5

    private let transfers: HTTPTransfers
    private let clock: any WallClock
    private let retryPause: Duration
    private let step: FetchStep
    private let deadline: ContinuousClock.Instant
    private let taken = NIOLockedValueBox<Int64>(0)

    init(_ transfers: HTTPTransfers, for step: FetchStep, clock: any WallClock, retryPause: Duration) {
        self.transfers = transfers
        self.clock = clock
        self.retryPause = retryPause
        self.step = step
        deadline = .now + step.time
    }

    /// Whether nothing more can be fetched in time.
    var isOver: Bool { .now >= deadline }

    /// Fetches one thing to a new file at `path`; what may pass by itself is tried twice.
    ///
    /// - Parameters:
    ///   - accept: what is wanted, a value of `Accept`.
    ///   - limit: bytes, unpacked.
    ///   - span: its own part of the time, the second try included; `nil`: all that is left.
    func fetch(
        _ address: FetchAddress, accept: String, limit: Int64, to path: String, within span: Duration? = nil
    ) async throws(FetchRefusal) -> Fetched {
        let end = span.map { min(deadline, .now + $0) } ?? deadline
        let first: FetchRefusal
        do throws(FetchRefusal) {
            let fetched = try await ask(address, accept, limit, path, until: end)
            guard fetched.status >= 500 else { return fetched }
            first = .status(fetched.status)
        } catch {
            first = error
        }
        guard first.isPassing, end - .now > retryPause else { throw first }
        do { try await clock.sleep(until: clock.now() + retryPause) } catch { throw .stopped }
        return try await ask(address, accept, limit, path, until: end)
    }

    private func ask(
        _ address: FetchAddress, _ accept: String, _ limit: Int64, _ path: String,
        until end: ContinuousClock.Instant
    ) async throws(FetchRefusal) -> Fetched {
        let left = end - .now
        guard left > .zero else { throw .tooLate(limit: step.time) }
        let room = step.maxBytes - taken.withLockedValue { $0 }
        guard room > 0 else { throw .tooMuch(limit: step.maxBytes) }
        let request = HTTPRequest(
            .get, address.url, headers: [("Accept", accept)], timeLimit: left, connectLimit: Self.connectLimit,
            stallLimit: Self.stallLimit, redirects: .follow(most: Self.mostRedirects), reach: .guarded,
            acceptsCompressed: true)
        let answer: HTTPAnswer
        do throws(HTTPFailure) {
            answer = try await transfers.download(request, to: path, limit: min(limit, room))
        } catch {
            if error == .tooLarge, room < limit { throw .tooMuch(limit: step.maxBytes) }
            throw FetchRefusal(error, limit: limit, time: step.time)
        }
        guard answer.status == 200 else {
            // A file was made for any 2xx.
            await remove(path)
            return Fetched(status: answer.status)
        }
        let (bytes, sha256) = try await measure(path)
        let sum = taken.withLockedValue { taken in
            taken += bytes
            return taken
        }
        // Others came meanwhile.
        guard sum <= step.maxBytes else { throw .tooMuch(limit: step.maxBytes) }
        return Fetched(status: 200, path: path, bytes: bytes, sha256: sha256)
    }

    private func measure(_ path: String) async throws(FetchRefusal) -> (Int64, String) {
        do {
            return try await Blocking.run { () throws(FileFault) in try FileWork.measure(path) }
        } catch {
            throw .machine(reason: "\(error)")
        }
    }

    private func remove(_ path: String) async {
        // The whole folder goes when the build's gathering ends.
        await Blocking.run { try? FolderWork.remove(path) }
    }
}

import Hummingbird
import HummingbirdCore
import NIOConcurrencyHelpers
import NIOCore

/// Reads whole bodies of programs, bounded each and all together (P6): who sends one is known only when all of it is here.
struct BoundedBody: Sendable {
    let most: Int
    private let budget: ByteBudget

    init(most: Int, atOnce: Int) {
        self.most = most
        budget = ByteBudget(most: most * atOnce)
    }

    /// Hands the body to `use`, and counts it as held until that has ended.
    func read<Value>(
        _ request: Request, _ context: WebContext, _ use: ([UInt8]) async throws -> Value
    ) async throws -> Value {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > most {
            throw WebError.tooLarge(maximum: Int64(most))
        }
        context.wantBody()
        var bytes: [UInt8] = []
        var taken = 0
        defer { budget.giveBack(taken) }
        for try await chunk in request.body {
            guard bytes.count + chunk.readableBytes <= most else { throw WebError.tooLarge(maximum: Int64(most)) }
            guard budget.take(chunk.readableBytes) else { throw WebError.webhooksBusy }
            taken += chunk.readableBytes
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        return try await use(bytes)
    }
}

/// Bytes that may be held at once by all together.
final class ByteBudget: Sendable {
    private let left: NIOLockedValueBox<Int>

    init(most: Int) { left = NIOLockedValueBox(most) }

    func take(_ count: Int) -> Bool {
        left.withLockedValue { left in
            guard left >= count else { return false }
            left -= count
            return true
        }
    }

    func giveBack(_ count: Int) { left.withLockedValue { $0 += count } }
}

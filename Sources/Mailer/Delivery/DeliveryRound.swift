import Domain
import Logging
import ServiceLifecycle
import Storage

/// The delivery service at work. One task decides, after each thing that happened, what is to be begun; everything that
/// takes time is a child task of its own: the tries, one claim, one settlement and one wait at a time.
struct DeliveryRound {
    enum Step: Sendable {
        case claimed(Result<[ClaimedDelivery], StorageError>, wanted: Int)
        case ended(DeliveryEnding)
        /// `failed`: those that could not be written down, and are to be written later.
        case settled(failed: [DeliveryEnding])
        /// A transport that was down was looked at.
        case looked(line: Int)
        /// Something may be due.
        case due
        case stopping
    }

    private let service: DeliveryService
    private let isEndless: Bool

    /// Claimed, not begun; the next one last.
    private var ready: [ClaimedDelivery] = []
    private var underWay = 0
    /// Not written down yet.
    private var endings: [DeliveryEnding] = []
    private var looking: Set<Int> = []
    private var isClaiming = false
    private var isSettling = false
    private var isWaiting = false
    private var isStopping = false
    private var mayBeDue = true
    /// Claims in a row that found nothing although something was to be due.
    private var emptyClaims = 0
    private var tries = 0
    private var failure: StorageError?

    init(_ service: DeliveryService, isEndless: Bool) {
        self.service = service
        self.isEndless = isEndless
    }

    /// - Returns: how many tries were made; the failure that ended it early, which an endless round never returns.
    consuming func run() async -> Result<Int, StorageError> {
        var round = self
        await withTaskGroup(of: Step.self) { group in
            if round.isEndless { group.addTask { await Self.stopSign() } }
            round.proceed(&group)
            while !round.isOver, let step = await group.next() {
                round.take(step)
                round.proceed(&group)
            }
            group.cancelAll()
        }
        return round.failure.map { .failure($0) } ?? .success(round.tries)
    }

    private var isOver: Bool {
        guard underWay == 0, ready.isEmpty, endings.isEmpty, !isClaiming, !isSettling else { return false }
        if isEndless { return isStopping }
        return looking.isEmpty && (!mayBeDue || service.route.places == 0 || failure != nil)
    }

    private mutating func take(_ step: Step) {
        switch step {
        case .claimed(.success(let claimed), let wanted):
            isClaiming = false
            // A short claim has taken all that is due.
            mayBeDue = claimed.count == wanted
            emptyClaims = claimed.isEmpty ? emptyClaims + 1 : 0
            ready.insert(contentsOf: claimed.reversed(), at: 0)
        case .claimed(.failure(let error), _):
            isClaiming = false
            mayBeDue = false
            emptyClaims += 1
            if !isEndless { failure = error }
            service.logger.error("The outbox cannot be read", metadata: ["error": "\(error)"])
        case .ended(let ending):
            underWay -= 1
            tries += 1
            endings.append(ending)
        case .settled(let failed):
            isSettling = false
            endings += failed
            // A place at a domain may be free again.
            mayBeDue = true
        case .looked(let line):
            looking.remove(line)
        case .due:
            isWaiting = false
            mayBeDue = true
        case .stopping:
            isStopping = true
        }
        if Task.isCancelled { isStopping = true }
    }

    /// Begins all that can be begun.
    private mutating func proceed(_ group: inout TaskGroup<Step>) {
        let service = service
        let places = service.route.places
        if isStopping || places == 0 { handBack() }
        while underWay < service.settings.workers, let next = ready.popLast() {
            underWay += 1
            group.addTask { .ended(await service.attempt(next)) }
        }
        settle(&group)
        claim(places: places, &group)
        look(&group)
        guard isEndless, !isStopping, !isWaiting, !isClaiming, !mayBeDue else { return }
        isWaiting = true
        let leastPause: Duration = emptyClaims > 2 ? .seconds(1) : .zero
        group.addTask { await service.waitForMail(leastPause: leastPause) }
    }

    private mutating func handBack() {
        endings += ready.reversed().map {
            DeliveryEnding(claimed: $0, outcome: .handedBack, transport: service.route.primary.name)
        }
        ready = []
    }

    private mutating func settle(_ group: inout TaskGroup<Step>) {
        guard !endings.isEmpty, !isSettling else { return }
        isSettling = true
        let (service, written) = (service, endings)
        endings = []
        group.addTask { .settled(failed: await service.settle(written)) }
    }

    private mutating func claim(places: Int?, _ group: inout TaskGroup<Step>) {
        guard mayBeDue, !isClaiming, !isStopping, failure == nil, ready.count <= service.settings.ahead / 2,
            endings.count <= service.settings.ahead
        else { return }
        let free = service.settings.workers + service.settings.ahead - underWay - ready.count
        let wanted = min(free, places ?? free)
        guard wanted > 0 else { return }
        isClaiming = true
        let service = service
        group.addTask { .claimed(await service.claim(wanted), wanted: wanted) }
    }

    /// Looks after transports that are down: an endless round when their pause is over, another one if it is over.
    private mutating func look(_ group: inout TaskGroup<Step>) {
        guard !isStopping else { return }
        for (number, line) in service.route.lines.enumerated() where !looking.contains(number) {
            guard let retryAt = line.retryAt, isEndless || retryAt <= service.clock.now() else { continue }
            looking.insert(number)
            let service = service
            group.addTask {
                await service.look(at: line, from: retryAt)
                return .looked(line: number)
            }
        }
    }

    /// Ends when the service is to stop.
    private static func stopSign() async -> Step {
        // It throws when the task is cancelled, which is to stop, too.
        try? await gracefulShutdown()
        return .stopping
    }
}

/// How a try ended, on its way to the outbox.
struct DeliveryEnding: Sendable {
    var claimed: ClaimedDelivery
    var outcome: DeliveryOutcome
    /// The one that was tried last.
    var transport: String
}

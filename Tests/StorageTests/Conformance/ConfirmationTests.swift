import Domain
import Storage
import TestSupport
import Testing

@Suite("AddressStore: confirmation") struct ConfirmationTests {
    typealias Fixture = StoreFixture
    private static let day = Duration.seconds(86400)
    private static let year = Fixture.start + .seconds(365 * 86400)
    private static let later = Fixture.start + .seconds(600)

    private func asked(_ fixture: Fixture, _ address: String = "Ann@Example.org") async throws -> Build {
        try await fixture.accept {
            $0.address = address
            $0.confirmWithin = Self.day
            $0.language = .french
            $0.source = "192.0.2.9"
        }
    }

    private func confirm(_ fixture: Fixture, _ id: BuildID) async throws -> Storage.Confirmation {
        try await fixture.store.confirm(id, rememberUntil: Self.year, at: Self.later)
    }

    @Test(arguments: StoreEngine.allCases)
    func `an unconfirmed build stands before nobody, starts never, and owes one mail in its language`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        let build = try await asked(fixture)
        #expect(build.confirmBy == Fixture.start + Self.day)
        #expect(build.language == .french)
        #expect(try await fixture.read(build.id) == build)
        #expect(try await fixture.startAll(at: Self.year).isEmpty)
        #expect(try await fixture.store.queuePlace(of: build.id) == nil)
        #expect(try await fixture.store.nextActionAt() == nil)
        #expect(try await fixture.store.backlog().isEmpty)
        #expect(try await fixture.store.counts() == [.queued: 1])
        #expect(try await fixture.store.overdueInQueue(waitLimits: [.sample: .seconds(1)], at: Self.year).isEmpty)
        let owed = try await fixture.store.deliveries(of: build.id)
        #expect(owed.map(\.kind) == [.confirmation])
        #expect(owed.first?.language == .french && owed.first?.to == "Ann@Example.org")
        #expect(try await fixture.store.nextDeliveryAt(pace: MailPace(), at: Fixture.start) == Fixture.start)
    }

    @Test(arguments: StoreEngine.allCases)
    func `an unconfirmed build neither follows nor leads, and is neither started nor answered`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        func same(_ new: inout NewBuild) { new.reuseKey = "key" }
        let waiting = try await fixture.accept {
            same(&$0)
            $0.confirmWithin = Self.day
        }
        let leader = try await fixture.accept { same(&$0) }
        let second = try await fixture.accept {
            same(&$0)
            $0.confirmWithin = Self.day
        }
        let follower = try await fixture.accept { same(&$0) }
        #expect([waiting.follows, leader.follows, second.follows, follower.follows] == [nil, nil, nil, leader.id])
        await #expect(throws: StorageError.self) {
            try await fixture.apply(.claimed(Attempt(number: 1, of: waiting.id)), to: waiting.id)
        }
        await #expect(throws: StorageError.self) {
            try await fixture.apply(.reused([.sample()], from: leader.id), to: waiting.id)
        }
        #expect(try await fixture.store.route(.sample, to: "github", at: Fixture.start) == 4)
    }

    @Test(arguments: StoreEngine.allCases)
    func `one yes releases all that waits for the address, however it is written, and is remembered`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        let first = try await asked(fixture)
        let second = try await asked(fixture, "ann@EXAMPLE.org")
        let other = try await asked(fixture, "bob@example.org")
        guard case .confirmed(let ids) = try await confirm(fixture, first.id) else { throw UnexpectedAnswer() }
        #expect(Set(ids) == [first.id, second.id])
        let build = try await fixture.read(first.id)
        #expect(build.confirmBy == nil && build.state == .queued(attemptsUsed: 0))
        #expect(try await fixture.store.timeline(of: first.id, after: 1).map(\.event) == ["confirmed"])
        #expect(
            try await fixture.store.overdueInQueue(waitLimits: [.sample: .seconds(1)], at: Self.later).isEmpty,
            "their turn is counted from now")
        #expect(try await fixture.store.nextActionAt() == Self.later)
        #expect(try await fixture.store.deliveries(of: second.id).map(\.status) == [.cancelled])
        #expect(try await fixture.read(other.id).confirmBy != nil)
        #expect(try await confirm(fixture, first.id) == .confirmed([]))
        #expect(try await asked(fixture, "ANN@example.org").confirmBy == nil, "nobody is asked again")
        #expect(Set(try await fixture.startAll(at: Self.later).map(\.build.id)).isSuperset(of: ids))
        await #expect(throws: StorageError.self) { try await confirm(fixture, NewBuild.sample().id) }
    }

    @Test(arguments: StoreEngine.allCases)
    func `a confirmed address is asked again when it was long ago`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let first = try await asked(fixture)
        _ = try await fixture.store.confirm(first.id, rememberUntil: Self.later + Self.day, at: Self.later)
        let again = try await fixture.accept(at: Self.later + Self.day) {
            $0.address = "ann@example.org"
            $0.confirmWithin = Self.day
        }
        #expect(again.confirmBy != nil)
    }

    @Test(arguments: StoreEngine.allCases, [BuildEvent.cancelled, .expired])
    func `the end of an unconfirmed build is mailed to nobody, and nobody is asked any more`(
        engine: StoreEngine, end: BuildEvent
    ) async throws {
        let fixture = try await engine.open()
        let build = try await asked(fixture)
        let transition = try await fixture.apply(end, to: build.id)
        #expect(transition.effects.isEmpty && transition.build.confirmBy == build.confirmBy)
        let owed = try await fixture.store.deliveries(of: build.id)
        #expect(owed.map(\.kind) == [.confirmation] && owed.map(\.status) == [.cancelled])
        #expect(try await confirm(fixture, build.id) == .tooLate(transition.build.state.name))
        #expect(try await asked(fixture).confirmBy != nil, "that confirmed nothing")
    }

    @Test(arguments: StoreEngine.allCases)
    func `a mail that asks and comes back after the end is not sent again`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let build = try await asked(fixture)
        let claimed = try #require(try await fixture.claimMail().first)
        try await fixture.apply(.cancelled, to: build.id)
        let outcome = DeliveryOutcome.retry(at: Self.later, reason: "451", isUnknown: false)
        #expect(try await fixture.store.settle([(claimed, outcome, "smtp")], at: Fixture.start).isEmpty)
        #expect(try await fixture.claimMail(at: Self.later).isEmpty)
        #expect(try await fixture.store.delivery(claimed.delivery.id)?.status == .cancelled)
        #expect(try await !fixture.store.retryDelivery(claimed.delivery.id, at: Self.later))
    }

    @Test(arguments: StoreEngine.allCases)
    func `a group asks once, and of one that nobody confirmed nobody is told`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let group = try await fixture.acceptGroup(of: ["amd64", "i386"]) { $0.confirmWithin = Self.day }
        let lead = group[0].id
        #expect(try await fixture.store.outboxSummary().waiting == 1)
        try await fixture.apply(.cancelled, to: lead)
        #expect(try await fixture.store.deliveries(of: lead).map(\.status) == [.waiting], "the other one waits")
        try await fixture.apply(.expired, to: group[1].id)
        #expect(try await fixture.store.deliveries(of: lead).map(\.status) == [.cancelled])
    }

    @Test(arguments: StoreEngine.allCases)
    func `a group whose lead was cancelled is confirmed through it, and its end is mailed`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        let group = try await fixture.acceptGroup(of: ["amd64", "i386"]) { $0.confirmWithin = Self.day }
        try await fixture.apply(.cancelled, to: group[0].id)
        #expect(try await confirm(fixture, group[0].id) == .confirmed([group[1].id]))
        try await fixture.apply(.cancelled, to: group[1].id)
        let owed = try await fixture.store.deliveries(of: group[0].id)
        #expect(owed.map(\.kind).contains(.cancelled))
    }

    @Test(arguments: StoreEngine.allCases)
    func `who never asked ends what the source asked for, and takes nothing from it any more`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        let mine = [try await asked(fixture), try await asked(fixture)]
        let other = try await fixture.accept {
            $0.address = "ann@example.org"
            $0.confirmWithin = Self.day
        }
        let until = Self.later + Self.day
        try await fixture.store.disown(mine[0].id, blockUntil: until, at: Self.later)
        for build in mine {
            #expect(try await fixture.read(build.id).state == .expired)
            #expect(try await fixture.store.deliveries(of: build.id).map(\.status) == [.cancelled])
        }
        #expect(try await fixture.read(other.id).confirmBy != nil)
        func send(_ source: String, _ address: String, at now: Timestamp) async throws -> Acceptance {
            var new = NewBuild.sample(at: now)
            (new.source, new.address) = (source, address)
            return try await fixture.store.accept(new, limits: .none, at: now)
        }
        #expect(try await send("192.0.2.9", "ANN@example.org", at: Self.later) == .blocked)
        #expect(try await send("192.0.2.9", "ann+2@example.org", at: Self.later) == .blocked)
        for (source, address, at) in [
            ("192.0.2.10", "ann@example.org", Self.later), ("192.0.2.9", "bob@example.org", Self.later),
            ("192.0.2.9", "ann@example.org", until),
        ] {
            guard case .accepted = try await send(source, address, at: at) else { throw UnexpectedAnswer() }
        }
        await #expect(throws: StorageError.self) {
            try await fixture.store.disown(NewBuild.sample().id, blockUntil: until, at: Self.later)
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func `who says no after a yes is confirmed no more, and the source is known for the time of asking`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        let build = try await asked(fixture)
        _ = try await confirm(fixture, build.id)
        try await fixture.apply(.cancelled, to: build.id)
        let hours = Fixture.start + .seconds(5 * 3600)
        try await fixture.accept(at: hours)
        try await fixture.store.disown(build.id, blockUntil: Self.year, at: hours)
        var new = NewBuild.sample(at: hours)
        (new.source, new.address, new.confirmWithin) = ("192.0.2.9", "ann@example.org", Self.day)
        #expect(try await fixture.store.accept(new, limits: .none, at: hours) == .blocked)
        new.source = "192.0.2.10"
        guard case .accepted(let asked) = try await fixture.store.accept(new, limits: .none, at: hours) else {
            throw UnexpectedAnswer()
        }
        #expect(asked.confirmBy != nil)
    }

    @Test(arguments: StoreEngine.allCases)
    func `builds whose time for confirming is over are found, longest over first`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let first = try await asked(fixture)
        let second = try await fixture.accept(at: Self.later) { $0.confirmWithin = Self.day }
        let store = fixture.store
        #expect(
            try await store.unconfirmedOverdue(limit: 9, at: Fixture.start + Self.day - .milliseconds(1)).isEmpty)
        #expect(try await store.unconfirmedOverdue(limit: 9, at: Fixture.start + Self.day) == [first.id])
        #expect(try await store.unconfirmedOverdue(limit: 9, at: Self.year) == [first.id, second.id])
        #expect(try await store.unconfirmedOverdue(limit: 1, at: Self.year) == [first.id])
    }

    @Test(arguments: StoreEngine.allCases)
    func `those that wait to be confirmed are limited on their own, P6`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let limits = AcceptLimits(waiting: 1, perSourcePerHour: nil, perAddressPerHour: nil)
        try await fixture.accept(limits: limits) { $0.confirmWithin = Self.day }
        var new = NewBuild.sample()
        new.confirmWithin = Self.day
        #expect(try await fixture.store.accept(new, limits: limits, at: Fixture.start) == .queueFull(waiting: 1))
        try await fixture.accept(limits: limits)
    }

    @Test(arguments: StoreEngine.allCases)
    func `one source has a part of the places of those that wait to be confirmed, P6`(
        engine: StoreEngine
    ) async throws {
        let fixture = try await engine.open()
        let limits = AcceptLimits(waiting: 80, perSourcePerHour: nil, perAddressPerHour: nil)
        func send(_ source: String, _ number: Int) async throws -> Acceptance {
            var new = NewBuild.sample()
            (new.source, new.address) = (source, "ann\(number)@example.org")
            new.confirmWithin = Self.day
            return try await fixture.store.accept(new, limits: limits, at: Fixture.start)
        }
        for number in 1...10 {
            guard case .accepted = try await send("192.0.2.9", number) else { throw UnexpectedAnswer() }
        }
        #expect(try await send("192.0.2.9", 11) == .tooManyFromSource(retryAfter: .seconds(3600)))
        guard case .accepted(let other) = try await send("192.0.2.10", 11) else { throw UnexpectedAnswer() }
        #expect(other.confirmBy != nil)
        try await fixture.accept(limits: limits) { $0.source = "192.0.2.9" }
    }

    @Test(arguments: StoreEngine.allCases)
    func `only so many mails an hour ask an address, or are caused by a source`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        var limits = AcceptLimits.none
        (limits.confirmationsPerAddressPerHour, limits.confirmationsPerSourcePerHour) = (1, 2)
        func send(_ source: String, _ address: String) async throws -> Acceptance {
            var new = NewBuild.sample(at: Self.later)
            (new.source, new.address, new.confirmWithin) = (source, address, Self.day)
            return try await fixture.store.accept(new, limits: limits, at: Self.later)
        }
        _ = try await asked(fixture)
        #expect(try await send("192.0.2.8", "ANN@example.org") == .tooManyForAddress(retryAfter: .seconds(3000)))
        guard case .accepted = try await send("192.0.2.9", "bob@example.org") else { throw UnexpectedAnswer() }
        #expect(try await send("192.0.2.9", "eve@example.org") == .tooManyFromSource(retryAfter: .seconds(3000)))
        try await fixture.accept(at: Self.later, limits: limits) { $0.source = "192.0.2.9" }
    }

    @Test(
        arguments: StoreEngine.allCases,
        [
            ["ann@bücher.example", "Ann@xn--bcher-kva.example", "ann@bu\u{308}cher.example"],
            ["ann@example.org", "ann+1@example.org", "ANN+x.y@example.org"],
            ["ann+1@example.org", "ann@example.org", "ann+2@example.org"],
        ])
    func `a mailbox is asked as one, however it is written`(engine: StoreEngine, addresses: [String]) async throws {
        let fixture = try await engine.open()
        var limits = AcceptLimits.none
        limits.confirmationsPerAddressPerHour = 2
        var answers: [Acceptance] = []
        for address in addresses {
            var new = NewBuild.sample()
            (new.address, new.confirmWithin) = (address, Self.day)
            answers.append(try await fixture.store.accept(new, limits: limits, at: Fixture.start))
        }
        #expect(answers.last == .tooManyForAddress(retryAfter: .seconds(3600)))
        for other in ["annie@example.org", "ann@example.com", "an+n@example.org"] {
            try await fixture.accept(limits: limits) { ($0.address, $0.confirmWithin) = (other, Self.day) }
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func `a link whose question is answered confirms nothing more`(engine: StoreEngine) async throws {
        let fixture = try await engine.open()
        let first = try await asked(fixture)
        #expect(try await confirm(fixture, first.id) == .confirmed([first.id]))
        try await fixture.store.disown(first.id, blockUntil: Self.year, at: Self.later)
        let second = try await fixture.accept(at: Self.later) {
            ($0.address, $0.confirmWithin, $0.source) = ("ann@example.org", Self.day, "192.0.2.77")
        }
        #expect(try await confirm(fixture, first.id) == .confirmed([]))
        #expect(try await fixture.read(second.id).confirmBy != nil)
    }
}

extension LanguageTag {
    static let french = LanguageTag("fr") ?? .english
}

extension StoreFixture {
    func claimMail(
        limit: Int = 9, pace: MailPace = MailPace(), at now: Timestamp = start
    ) async throws -> [ClaimedDelivery] {
        try await store.claimDueDeliveries(limit: limit, leaseFor: Self.lease, pace: pace, at: now)
    }

    /// A build that has ended, whose mail is owed.
    @discardableResult
    func owe(to address: String, at now: Timestamp = start) async throws -> Delivery {
        let build = try await accept(at: now) { $0.address = address }
        try await apply(.cancelled, to: build.id, at: now)
        guard let delivery = try await store.deliveries(of: build.id).first else { throw UnexpectedAnswer() }
        return delivery
    }
}

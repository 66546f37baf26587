import Domain
import Testing

@testable import Mailer

@Suite struct MailRouteTests {
    private let start = Timestamp(milliseconds: 1_795_000_000_000)

    private func route(fallback: Bool = true) -> MailRoute {
        MailRoute(
            primary: PlayedTransport("first"), fallback: fallback ? PlayedTransport("second") : nil, fallbackAfter: 2,
            at: start)
    }

    private func tries(_ outcomes: [(String, DeliveryTry.Outcome)]) -> [DeliveryTry] {
        outcomes.enumerated().map {
            DeliveryTry(number: $0 + 1, at: start, transport: $1.0, outcome: $1.1, words: nil)
        }
    }

    private func takeDown(_ line: MailLine) {
        for _ in 1...3 { line.end(.notNow(MailFault(.transport, "away"), after: nil), at: start) }
    }

    @Test func `the first transport is tried until it put the mail off often enough, then they take turns`() {
        let route = route()
        #expect(route.begin(after: [])?.name == "first")
        #expect(route.begin(after: tries([("first", .notNow)]))?.name == "first")
        #expect(route.begin(after: tries([("first", .notNow), ("first", .unknown)]))?.name == "first")
        let put = tries([("first", .notNow), ("first", .notNow)])
        #expect(route.begin(after: put)?.name == "second")
        #expect(route.begin(after: put + tries([("second", .notNow)]))?.name == "first")
        #expect(
            route.begin(after: put + tries([("second", .unknown)]))?.name == "second",
            "who may have taken it is the one to ask")
    }

    @Test func `while one is down mail goes by the other, and nothing goes while both are`() {
        let route = route()
        takeDown(route.primary)
        #expect(route.places == nil)
        #expect(route.begin(after: [])?.name == "second")
        takeDown(route.lines[1])
        #expect(route.places == 0)
        #expect(route.begin(after: []) == nil)
        route.primary.end(.accepted(receipt: nil), at: start)
        #expect(route.begin(after: tries([("first", .notNow), ("first", .notNow)]))?.name == "first")
    }

    @Test func `the second transport follows within one try only where it is its turn`() {
        let route = route()
        #expect(route.beginFallback(after: [], and: route.primary) == nil)
        #expect(route.beginFallback(after: tries([("first", .notNow)]), and: route.primary)?.name == "second")
        #expect(
            route.beginFallback(after: tries([("first", .notNow)]), and: route.lines[1]) == nil, "it was just there")
        takeDown(route.primary)
        #expect(route.beginFallback(after: [], and: route.primary)?.name == "second")
        #expect(self.route(fallback: false).beginFallback(after: [], and: route.primary) == nil)
    }
}

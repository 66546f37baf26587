import BuildRunner
import Domain
import NIOConcurrencyHelpers
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct CaretakerTests {
    @Test
    func `Files go when their time is over, and the build says so`() async throws {
        let kiln = try await Kiln()
        var generator = SystemRandomNumberGenerator()
        let upload = UploadID.make(at: kiln.clock.now(), using: &generator)
        let id = try await kiln.submit(more: [
            InputValue(
                field: FieldName(unchecked: "logo"),
                content: .upload(
                    Upload(id: upload, name: "a", contentType: "b", bytes: 1, sha256: "c", receivedSHA256: "d")))
        ])
        let shop = try kiln.shop(ScriptedProvider(isInstant: true))
        _ = try await kiln.working(shop) { try await kiln.ended(id) }
        let key = ObjectKey(build: id, name: "hello.txt")

        kiln.clock.advance(by: .seconds(7 * 86400 - 1))
        await Caretaker(shop).round()
        #expect(try await kiln.objects.size(of: key) == 6)

        kiln.clock.advance(by: .seconds(1))
        await Caretaker(shop).round()
        #expect(try await kiln.objects.size(of: key) == nil)
        #expect(try await kiln.logs.size(of: id) == 0)
        #expect(kiln.removedUploads.withLockedValue { $0 } == [upload])
        #expect(try await kiln.store.build(id)?.filesRemovedAt == kiln.clock.now())
    }

    @Test
    func `A build that waited too long expires and its requester is told`() async throws {
        let kiln = try await Kiln()
        let id = try await kiln.submit()
        let caretaker = Caretaker(try kiln.shop())
        kiln.clock.advance(by: .seconds(3599))
        await caretaker.round()
        #expect(try await kiln.store.build(id)?.state.name == .queued)
        kiln.clock.advance(by: .seconds(2))
        await caretaker.round()
        #expect(try await kiln.store.build(id)?.state == .expired)
        #expect(try await kiln.store.deliveries(of: id).map(\.kind) == [.expired])
    }

    @Test
    func `A build that nobody confirms expires without a mail; one that was confirmed does not`() async throws {
        let kiln = try await Kiln()
        let (left, wanted) = (
            try await kiln.submit(confirmWithin: .seconds(600)),
            try await kiln.submit(address: "b@example.org", confirmWithin: .seconds(600))
        )
        let caretaker = Caretaker(try kiln.shop())
        kiln.clock.advance(by: .seconds(599))
        _ = try await kiln.store.confirm(wanted, rememberUntil: kiln.clock.now() + .seconds(1), at: kiln.clock.now())
        await caretaker.round()
        #expect(try await kiln.store.build(left)?.state.name == .queued)
        kiln.clock.advance(by: .seconds(1))
        await caretaker.round()
        #expect(try await kiln.store.build(left)?.state == .expired)
        #expect(try await kiln.store.deliveries(of: left).map(\.status) == [.cancelled])
        #expect(try await kiln.store.build(wanted)?.state.name == .queued)
    }

    @Test
    func `A run that no build knows any more is ended; one that is wanted is not`() async throws {
        let kiln = try await Kiln()
        let provider = ScriptedProvider()
        let (wanted, ended) = (try await kiln.submit(), try await kiln.submit(address: "b@example.org"))
        let shop = try kiln.shop(provider)
        try await kiln.working(shop) {
            _ = try await kiln.build(wanted) { $0.state.name == .running }
            _ = try await kiln.build(ended) { $0.state.name == .running }
            provider.end(Attempt(number: 1, of: ended), as: .succeeded)
            _ = try await kiln.ended(ended)
            try await until { provider.held.count <= 1 }
        }
        // What a worker can leave that slept through its build's end.
        let build = try #require(try await kiln.store.build(ended))
        let stray = Attempt(number: 1, of: ended)
        _ = await provider.trigger(BuildOrder(build: build, recipe: kiln.recipe), as: stray)
        #expect(provider.held.count == 2)
        await Caretaker(shop).round()
        #expect(provider.held == ["\(wanted)-1"])
    }
}

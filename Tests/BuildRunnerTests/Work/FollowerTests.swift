import BuildRunner
import Domain
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct FollowerTests {
    private let provider = ScriptedProvider()

    @Test
    func `The same request gets the running build's artifacts as its own, with its own mail (P4)`() async throws {
        let kiln = try await Kiln()
        let leader = try await kiln.submit(reuseKey: "same")
        let follower = try await kiln.submit(address: "bob@example.org", reuseKey: "same")
        let builds = try await kiln.working(try kiln.shop(provider)) {
            _ = try await kiln.build(leader) { $0.state.name == .running }
            #expect(try await kiln.store.build(follower)?.follows == leader)
            provider.end(Attempt(number: 1, of: leader), as: .succeeded)
            return (try await kiln.ended(leader), try await kiln.ended(follower))
        }
        #expect(builds.1.state == .succeeded && builds.1.reusedFrom == leader)
        #expect(builds.1.artifacts == builds.0.artifacts && builds.1.runs.isEmpty)
        #expect(try await kiln.store.deliveries(of: follower).map(\.to) == ["bob@example.org"])
        #expect(provider.starts.count == 1)
        // One goes, the other stays.
        try await kiln.objects.removeAll(of: leader)
        #expect(try await kiln.content("hello.txt", of: follower) == Array("Hello\n".utf8))
    }

    @Test
    func `A failure is nobody else's: who waited is built`() async throws {
        let kiln = try await Kiln()
        let leader = try await kiln.submit(reuseKey: "same")
        let follower = try await kiln.submit(address: "bob@example.org", reuseKey: "same")
        let build = try await kiln.working(try kiln.shop(provider)) {
            _ = try await kiln.build(leader) { $0.state.name == .running }
            provider.end(Attempt(number: 1, of: leader), as: .failed(Failure(kind: .build, message: "No clay.")))
            _ = try await kiln.build(follower) { $0.state.name == .running }
            provider.end(Attempt(number: 1, of: follower), as: .succeeded)
            return try await kiln.ended(follower)
        }
        #expect(build.state == .succeeded && build.runs.count == 1 && build.reusedFrom == nil)
    }
}

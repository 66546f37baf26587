import BuildRunner
import Domain
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite(.enabled(if: BuildbotServer.tools != nil), .timeLimit(.minutes(3)))
struct BuildbotProviderTests {
    @Test
    func `A build shows its steps, its log and its files, and where people can look at it`() async throws {
        let it = try BuildbotRun(at: await .shared, parameters: ["name": "{{name}}"])
        var run = try await it.start()
        #expect(run.id.hasPrefix("request/"))
        try await it.begin()
        let seen = try await it.look(&run) { $0.phase?.label == "play" }
        #expect(seen.status == .running)
        #expect(run.id.hasPrefix("build/"))
        #expect(run.url?.hasPrefix("\(it.buildbot.url)/#/builders/") == true)
        try await it.write("compiling\n")
        try it.buildbot.put(Array("Hello\n".utf8), as: "files/hello.txt", for: it.attempt)
        try it.buildbot.put(Array("no artifact\n".utf8), as: "files/other.bin", for: it.attempt)
        try await it.end(0)
        #expect(try await it.look(&run) { $0.status.isEnd }.status == .succeeded)
        #expect(try it.buildbot.content("seen", of: it.attempt) == "Ada")
        #expect(try await it.log(run) == "prepared\nready\nplaying\ncompiling\n")
        #expect(
            await it.provider.listFiles(of: run, for: it.order) == .done([ProducedFile(name: "hello.txt", bytes: 6)]))
    }

    /// P7: the command's environment holds the capability, and Buildbot writes it into its log.
    @Test
    func `A log has no environment and no arguments, and says how a command failed`() async throws {
        let it = try BuildbotRun(at: await .shared)
        var run = try await it.start()
        try await it.end(3)
        guard case .failed(let failure) = try await it.look(&run, until: { $0.status.isEnd }).status else {
            throw Kiln.Unexpected.state("not failed")
        }
        #expect(failure.kind == .build && failure.message == "The build failed in the step `play`.")
        let log = try await it.log(run)
        #expect(log == "prepared\nready\nplaying\nprogram finished with exit code 3\n")
    }

    @Test
    func `Values reach the build as what their fields are`() async throws {
        let it = try BuildbotRun(
            at: await .shared, parameters: ["fast": "true", "level": "7", "parts": "one,three", "strict": "abc"])
        _ = try await it.start()
        let request = try #require(try await it.buildbot.requests(of: it.attempt).first)
        let found = try await it.buildbot.read("buildrequests/\(request)?property=*")["buildrequests"]
        let properties = (found as? [[String: Any]])?.first?["properties"] as? [String: [Any]]
        #expect(properties?["fast"]?.first as? Bool == true)
        #expect(properties?["level"]?.first as? Int == 7)
        #expect(properties?["parts"]?.first as? [String] == ["one", "three"])
    }

    @Test(arguments: [["strict": "NOT {{name}}"], ["level": "many"], ["fast": "perhaps"], ["parts": "four"]])
    func `A value that its field does not take is refused, and the operator reads why`(
        _ parameters: [String: String]
    ) async throws {
        let it = try BuildbotRun(at: await .shared, parameters: parameters)
        guard case .refused = await it.provider.trigger(it.order, as: it.attempt) else {
            throw Kiln.Unexpected.state("not refused")
        }
        let name = try #require(parameters.keys.first)
        let said = it.said.withLockedValue { $0 }
        #expect(said.contains { $0.contains("Buildbot does not take a build") && $0.contains(name) })
        // P7: what was typed and Kiln's own links stay out of the log.
        #expect(!said.contains { $0.contains("NOT Ada") || $0.contains("capability") })
        #expect(try await it.buildbot.requests(of: it.attempt).isEmpty)
    }

    @Test(arguments: ["nowhere", "keyless"])
    func `A scheduler that is not there, or does not keep the key, starts nothing`(_ scheduler: String) async throws {
        let it = try BuildbotRun(at: await .shared, scheduler: scheduler)
        guard case .refused = await it.provider.trigger(it.order, as: it.attempt) else {
            throw Kiln.Unexpected.state("not refused")
        }
        #expect(await it.provider.check([it.order.recipe]).contains { !$0.passed && $0.mend != nil })
    }

    @Test(arguments: [("ci", "wrong"), ("guest", "guest-secret")])
    func `A wrong password and a missing right make builds wait, and the check finds them`(
        _ user: String, _ password: String
    ) async throws {
        let it = try BuildbotRun(at: await .shared, user: user, password: password)
        guard case .refusedUntil = await it.provider.trigger(it.order, as: it.attempt) else {
            throw Kiln.Unexpected.state("not refused until mended")
        }
        let findings = await it.provider.check([it.order.recipe])
        #expect(findings.contains { $0.subject.hasSuffix("log-in") && !$0.passed && $0.mend != nil })
        #expect(!findings.contains { $0.message.contains(password) })
    }

    @Test
    func `The check passes where everything is there, and names what the scheduler would ignore or replace`()
        async throws
    {
        let good = try BuildbotRun(at: await .shared, parameters: ["name": "{{name}}"])
        #expect(await good.provider.check([good.order.recipe]).allSatisfy(\.passed))
        let unknown = try BuildbotRun(at: await .shared, parameters: ["colour": "red"])
        #expect(
            await unknown.provider.check([unknown.order.recipe]).contains {
                !$0.passed && $0.message.contains("colour")
            })
        let forgetful = try BuildbotRun(at: await .shared, scheduler: "forgetful", parameters: ["name": "{{name}}"])
        let findings = await forgetful.provider.check([forgetful.order.recipe])
        #expect(findings.contains { $0.subject.hasSuffix("defaults") && !$0.passed })
        #expect(findings.contains { $0.subject.hasSuffix("parameters") && $0.message.contains("KILN_URL") })
    }

    @Test
    func `Of a scheduler with several builders one runs the build (P3)`() async throws {
        let first = try BuildbotRun(at: await .shared)
        _ = try await first.start()
        #expect(try await first.buildbot.requests(of: first.attempt).count == 1)
        let second = try BuildbotRun(at: await .shared, builder: "merging")
        _ = try await second.start()
        #expect(try await second.buildbot.requests(of: second.attempt).count == 1)
    }

    @Test
    func `A request that was merged with another one is no success`() async throws {
        let older = try BuildbotRun(at: await .shared, scheduler: "merging")
        var run = try await older.start()
        let newer = try BuildbotRun(at: await .shared, scheduler: "merging")
        _ = try await newer.start()
        guard case .failed(let failure) = try await older.look(&run, until: { $0.status.isEnd }).status else {
            throw Kiln.Unexpected.state("not failed")
        }
        #expect(failure.kind == .infrastructure && failure.message.contains("collapseRequests"))
    }
}

/// Each with a Buildbot of its own, since it is broken.
@Suite(.serialized, .enabled(if: BuildbotServer.tools != nil), .timeLimit(.minutes(3)))
struct BuildbotBreakdownTests {
    @Test
    func `When the worker dies, the request's next build is followed to its end`() async throws {
        let buildbot = try await BuildbotServer.start(workers: 1)
        let it = try BuildbotRun(at: buildbot)
        var run = try await it.start()
        try await it.begin()
        let first = try await it.look(&run) { $0.status == .running && $0.phase?.label == "play" }.run ?? run
        let before = try await it.log(run)
        try await buildbot.tell("kill worker")
        try buildbot.remove("seen", of: it.attempt)
        try await it.look(&run) { $0.status == .waiting }
        try await buildbot.tell("start worker")
        try await buildbot.wait { try buildbot.isThere("seen", of: it.attempt) }
        try await it.end(0)
        #expect(try await it.look(&run) { $0.status.isEnd }.status == .succeeded)
        #expect(run.id != first.id && run.id.hasPrefix("build/"))
        #expect(try await buildbot.requests(of: it.attempt).count == 1)
        // What was read before is still there, and the second build's log comes after the first one's.
        let log = try await it.log(run)
        #expect(log.hasPrefix(before))
        #expect(log.components(separatedBy: "prepared\n").count == 3)
    }

    @Test
    func `When the master dies, the run waits, is found again, and ends well (P3)`() async throws {
        let buildbot = try await BuildbotServer.start(workers: 1)
        let it = try BuildbotRun(at: buildbot)
        var run = try await it.start()
        try await it.begin()
        try await it.look(&run) { $0.status == .running }
        try await buildbot.tell("kill master")
        guard case .refusedUntil = await it.provider.observe(run, for: it.order),
            case .refusedUntil = await it.provider.find(it.attempt, for: it.order),
            case .refusedUntil = await it.provider.trigger(it.order, as: it.attempt)
        else { throw Kiln.Unexpected.state("a master that is away was understood") }
        try buildbot.remove("seen", of: it.attempt)
        try await buildbot.tell("start master")
        try await buildbot.wait { try buildbot.isThere("seen", of: it.attempt) }
        guard case .done(.some) = await it.provider.find(it.attempt, for: it.order),
            case .done = await it.provider.trigger(it.order, as: it.attempt)
        else { throw Kiln.Unexpected.state("not found again") }
        try await it.end(0)
        #expect(try await it.look(&run) { $0.status.isEnd }.status == .succeeded)
        #expect(try await buildbot.requests(of: it.attempt).count == 1)
        #expect(try await it.log(run).contains("playing\n"))
    }
}

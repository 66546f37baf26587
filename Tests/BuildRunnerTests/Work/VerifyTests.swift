import BuildRunner
import Domain
import Foundation
import Sandbox
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct VerifyTests {
    private static let limits = RunLimits(
        time: .seconds(60), cpu: .seconds(60), memory: 1 << 30, processes: 64, openFiles: 256, output: 64 << 20,
        log: 1 << 20)
    /// One black pixel.
    private static let pixel =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="

    private func kiln(_ script: String, limits: RunLimits = limits) async throws -> Kiln {
        let step = VerifyStep(script: "verify.sh", tools: [], limits: limits, picture: "boot.png")
        return try await Kiln(
            recipe: .sample(verify: step), scripts: ["build.sh": Kiln.greeting, "verify.sh": "#!/bin/sh\n\(script)\n"])
    }

    @Test
    func `A result that passes its test succeeds with a picture of it`() async throws {
        let kiln = try await kiln(
            """
            echo "with $KILN_VERIFY_ACCELERATOR"; cat /kiln/artifacts/hello.txt
            echo \(Self.pixel) | base64 -d > "$KILN_OUT/boot.png"
            """)
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop()) { try await kiln.ended(id) }
        #expect(build.state == .succeeded)
        #expect(build.artifacts.map(\.role) == [.product, .picture])
        #expect(build.artifacts.last?.contentType == "image/png")
        #expect(try await kiln.content("boot.png", of: id) == Array(try #require(Data(base64Encoded: Self.pixel))))
        #expect(try await kiln.log(id) == "==> 50 writing\nwith tcg\nHello Ada\n")
    }

    @Test(arguments: [
        ("echo 'Kernel panic - not syncing'; exit 1", "exit code 1", "Kernel panic - not syncing"),
        ("echo booting; exec sleep 600", "did not come up within 1 second", nil as String?),
    ])
    func `A result that fails its test fails the build, with the test's log`(
        script: String, words: String, line: String?
    ) async throws {
        var limits = Self.limits
        limits.time = .seconds(1)
        let kiln = try await kiln(script, limits: limits)
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop()) { try await kiln.ended(id) }
        #expect(build.failure?.kind == .build)
        #expect(build.failure?.message.contains(words) == true)
        #expect(build.failure?.errorLine == line)
        #expect(try await kiln.log(id).hasPrefix("==> 50 writing\n"))
        #expect(try await kiln.log(id).split(separator: "\n").count == 2)
    }

    @Test
    func `A test that left no usable picture passes without one`() async throws {
        let kiln = try await kiln("echo '<svg/>' > \"$KILN_OUT/boot.png\"")
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop()) { try await kiln.ended(id) }
        #expect(build.state == .succeeded)
        #expect(build.artifacts.map(\.name) == ["hello.txt"])
    }

    @Test
    func `A cancelled build's test is ended and its files removed`() async throws {
        let kiln = try await kiln("echo booting; exec sleep 600")
        let id = try await kiln.submit()
        try await kiln.working(try kiln.shop()) {
            try await kiln.logged("booting", by: id)
            _ = try await kiln.store.apply(
                .cancelled, to: id, policy: BuildPolicy(maxAttempts: 1), lease: nil, at: kiln.clock.now())
            try await until { try await kiln.runs.list().isEmpty }
        }
        #expect(try await kiln.store.build(id)?.state == .cancelled)
        #expect(try await kiln.events(id).last == "cancelled")
    }

    @Test
    func `A test goes on while the worker is gone, and is found again`() async throws {
        let kiln = try await kiln("echo begun; while [ ! -e /kiln/work/go ]; do sleep 0.02; done; echo done")
        let id = try await kiln.submit()
        try await kiln.working(try kiln.shop()) { try await kiln.logged("begun", by: id) }
        let key = try #require(RunKey("\(id)-1-verify"))
        #expect(write([], to: "\(kiln.runs.files(of: key))/work/go"))
        let build = try await kiln.working(try kiln.shop()) { try await kiln.ended(id) }
        #expect(build.state == .succeeded)
        #expect(try await kiln.log(id) == "==> 50 writing\nbegun\ndone\n")
    }
}

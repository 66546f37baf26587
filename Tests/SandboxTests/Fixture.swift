import Foundation
import Glibc
import Sandbox
import TestSupport
import Testing

/// A folder of one test, gone with it.
final class Scratch: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "kiln-sandbox-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    @discardableResult
    func folder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
        return "\(path)/\(name)"
    }

    @discardableResult
    func file(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
        return "\(path)/\(name)"
    }
}

/// The executable that the tests run as a process of its own, beside the tests' own.
let testSupervisor: String = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let beside = ((own as NSString).deletingLastPathComponent as NSString).appendingPathComponent(
        "SandboxTestSupervisor")
    if FileManager.default.isExecutableFile(atPath: beside) { return beside }
    // Where the tests are run by a program of the toolchain, the products are known from the test bundle's path.
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? ""
    return ((bundle as NSString).deletingLastPathComponent as NSString).appendingPathComponent("SandboxTestSupervisor")
}()

let isRoot = geteuid() == 0

/// A shell script in the sandbox.
func shell(
    _ script: String, _ policy: SandboxPolicy = SandboxPolicy(), settings: SandboxSettings = SandboxSettings(),
    input: CommandInput = .none, outputLimit: Int = 1 << 20
) async -> CommandEnd {
    await SandboxedCommand(
        settings: settings, policy: policy, executable: "/bin/sh", arguments: ["-c", script], input: input,
        outputLimit: outputLimit
    ).run()
}

extension CommandEnd {
    var text: String { String(decoding: standardOutput, as: UTF8.self) }
    var complaint: String { String(decoding: standardError, as: UTF8.self) }
}

/// A text that no other process of the machine has in its command line.
func mark() -> String { "9\(UInt32.random(in: 100_000_000...999_999_999)).\(getpid())" }

/// The processes of the whole machine whose command line has the text as one word.
func processes(marked mark: String) -> [pid_t] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap(pid_t.init).filter { process in
        let line = (try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(process)/cmdline"))) ?? Data()
        return line.split(separator: 0).contains(Data(mark.utf8))
    }
}

/// Looks again and again, because the kernel tells nobody when a process that is not ours is gone; at most 20 seconds.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    for _ in 0..<2000 {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return false
}

/// A program of the host that says things; killed when `body` returns.
func withProcess<Value>(_ command: [String], _ body: (PipedProcess) async throws -> Value) async throws -> Value {
    let process = try PipedProcess(command)
    let result: Result<Value, any Error>
    do {
        result = .success(try await body(process))
    } catch {
        result = .failure(error)
    }
    await process.end(isKilled: true)
    return try result.get()
}

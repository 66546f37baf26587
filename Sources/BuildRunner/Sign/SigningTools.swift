import Domain
import Foundation
package import Sandbox

/// The programs that make keys, sign and read packages; each call in a sandbox of its own, without network.
///
/// What is untrusted (a package that a run made) and what is secret (a key) meet only in `apksigner`, which has no place to
/// take the key to but the package that it writes.
package struct SigningTools: Sendable {
    /// A program that signing needs.
    package enum Tool: String, Sendable, Hashable, CaseIterable {
        case aapt, apksigner, keytool, java
    }

    /// The key's name in every store.
    static let alias = "kiln"
    private static let time = Duration.seconds(60)
    /// Java reserves much and uses little.
    private static let memory: UInt64 = 1 << 30
    /// For a program that runs half a second: start fast, compile little.
    private static let javaOptions = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m"]

    private let settings: SandboxSettings
    private let folders: [String]

    package init(settings: SandboxSettings, folders: [String] = ["/usr/bin", "/usr/local/bin", "/bin"]) {
        self.settings = settings
        self.folders = folders
    }

    /// The programs that are not there.
    package var missing: [Tool] { Tool.allCases.filter { path(of: $0) == nil } }

    private func path(of tool: Tool) -> String? {
        folders.map { "\($0)/\(tool.rawValue)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// How a tool's run ended, where it ended by itself.
    struct End: Sendable {
        var code: Int32
        var output: String
        var errors: String
    }

    /// - Parameters:
    ///   - input: a file of the host for standard input.
    ///   - output: bytes that may be written.
    /// - Throws: `.unavailable` where the tool is missing, did not start, or was cancelled; `SigningToolLimit` at a limit.
    func run(
        _ tool: Tool, _ arguments: [String], reading: [SandboxBind] = [], writing: [SandboxBind] = [],
        input: String? = nil, output: UInt64 = 16 << 20, outputLimit: Int = 1 << 20
    ) async throws -> End {
        guard let path = path(of: tool) else {
            throw SigningFault.unavailable(
                reason: "`\(tool.rawValue)` is not installed (`make setup` does it on Debian)")
        }
        let policy = SandboxPolicy(
            readOnly: reading, writable: writing,
            limits: SandboxLimits(
                wallTime: Self.time, cpuTime: Self.time * 2, memory: Self.memory, addressSpace: nil, processes: 128,
                openFiles: 256, fileSize: output, output: output, outputFiles: 16))
        let end = await SandboxedCommand(
            settings: settings, policy: policy, executable: path, arguments: Self.java(tool) + arguments,
            input: input.map { .file($0) } ?? .none, outputLimit: outputLimit
        ).run()
        switch end.cause {
        case .exited(let code):
            return End(
                code: code, output: String(decoding: end.standardOutput, as: UTF8.self),
                errors: String(decoding: end.standardError, as: UTF8.self))
        case .signalled, .wallTimeLimit, .cpuTimeLimit, .memoryLimit, .outputLimit:
            throw SigningToolLimit(tool: tool, cause: end.cause)
        case .cancelled: throw CancellationError()
        case .couldNotStart(let reason):
            throw SigningFault.unavailable(reason: "`\(tool.rawValue)` did not start: \(reason)")
        }
    }

    /// Options for the Java machine below the tool; each hands them on in another way.
    private static func java(_ tool: Tool) -> [String] {
        switch tool {
        case .apksigner: javaOptions.map { "-J" + $0.dropFirst() }
        case .keytool: javaOptions.map { "-J" + $0 }
        case .aapt, .java: []
        }
    }
}

/// A tool crashed, or was ended at a limit.
struct SigningToolLimit: Error {
    var tool: SigningTools.Tool
    var cause: RunEnd.Cause
}

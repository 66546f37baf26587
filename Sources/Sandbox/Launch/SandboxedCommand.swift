internal import Foundation
internal import Glibc
internal import Subprocess
internal import SystemPackage

/// What a command reads from its standard input.
package enum CommandInput: Sendable, Equatable {
    /// Nothing.
    case none
    /// A file of the host, opened by this process: the sandboxed user need not be able to.
    case file(String)
    /// These bytes.
    case bytes([UInt8])
}

/// How a command ended and what it printed.
package struct CommandEnd: Sendable, Equatable {
    /// Why it ended.
    package var cause: RunEnd.Cause
    /// The beginning of its standard output, up to the limit.
    package var standardOutput: [UInt8] = []
    /// The beginning of its standard error, up to the limit.
    package var standardError: [UInt8] = []
    /// Whether it printed more than the limit.
    package var outputTruncated = false
    /// Whether it ran behind walls.
    package var isolated = true

    /// Whether it ended by itself and well.
    package var succeeded: Bool { cause == .exited(0) }

    var isByItself: Bool {
        if case .exited = cause { true } else { false }
    }
}

/// One run of a tool over untrusted data, inside this process's life: it ends with the task and with this process.
package struct SandboxedCommand: Sendable {
    private let settings: SandboxSettings
    private let policy: SandboxPolicy
    private let executable: String
    private let arguments: [String]
    private let input: CommandInput
    private let outputLimit: Int

    /// A command; `outputLimit` bytes of each output are kept and the rest is read and dropped.
    package init(
        settings: SandboxSettings = SandboxSettings(), policy: SandboxPolicy, executable: String,
        arguments: [String] = [], input: CommandInput = .none, outputLimit: Int = 1 << 20
    ) {
        self.settings = settings
        self.policy = policy
        self.executable = executable
        self.arguments = arguments
        self.input = input
        self.outputLimit = outputLimit
    }

    /// Runs it to its end. Sources of binds must be absolute.
    package func run() async -> CommandEnd {
        await run(isIsolated: await SandboxCheck.shallIsolate(settings))
    }

    func run(isIsolated: Bool) async -> CommandEnd {
        var scratch: String?
        let end: CommandEnd
        do {
            let folder = try await Blocking.run { () throws(SandboxError) in try Self.makeScratch() }
            scratch = folder
            end = try await run(in: folder, isIsolated)
        } catch let error as SandboxError {
            end = CommandEnd(cause: .couldNotStart("\(error)"), isolated: isIsolated)
        } catch {
            let cause: RunEnd.Cause = Task.isCancelled ? .cancelled : .couldNotStart("\(error)")
            end = CommandEnd(cause: cause, isolated: isIsolated)
        }
        if let scratch {
            await Blocking.run {
                // Bubblewrap that is killed while it still builds the walls may leave what it began.
                if !isIsolated || !end.isByItself { StrayProcesses.end(of: scratch) }
                // Only our own few files are in it, or what an unisolated program left in its home.
                try? FileManager.default.removeItem(atPath: scratch)
            }
        }
        return end
    }

    private func run(in scratch: String, _ isIsolated: Bool) async throws -> CommandEnd {
        let user =
            RunUser.isNeeded
            ? try await Blocking.run { [settings] () throws(SandboxError) in
                try RunUser.take(from: settings.users)
            } : nil
        defer { withExtendedLifetime(user) {} }
        let plan = LaunchPlan(
            executable: executable, arguments: arguments, policy: policy, settings: settings, scratch: scratch,
            files: nil, user: user?.number, isIsolated: isIsolated)
        let input = input
        let (launch, standardInput) = try await Blocking.run { () throws(SandboxError) in
            (try plan.prepare(), try Self.open(input, scratch: scratch))
        }
        let stop = SharedFlag()
        let limits = policy.limits
        let limit = outputLimit
        return try await withTaskCancellationHandler {
            let ended = try await Subprocess.run(
                .path(FilePath(launch.executable)), arguments: Arguments(launch.arguments),
                environment: launch.subprocessEnvironment, workingDirectory: FilePath(launch.startDirectory),
                input: .fileDescriptor(standardInput, closeAfterSpawningProcess: true),
                output: .sequence, error: .sequence
            ) { execution in
                let process = execution.processIdentifier
                let watch = RunWatch(
                    limits: limits, folders: launch.writableFolders, root: process.value,
                    endsWithProcess: isIsolated, isCancelled: { stop.isUp })
                async let output = Self.collect(execution.standardOutput, limit: limit)
                async let error = Self.collect(execution.standardError, limit: limit)
                let finding = await Blocking.run {
                    watch.followToEnd(of: process.value, descriptor: process.processDescriptor)
                }
                return (finding, try await output, try await error)
            }
            let (finding, output, error) = ended.closureResult
            // When the task is cancelled, Subprocess ends the command too, and may well be first.
            let seen = finding.cause ?? (stop.isUp ? .cancelled : nil)
            let cause = seen ?? LaunchFailure.cause(of: ended.terminationStatus, output: error.bytes)
            return CommandEnd(
                cause: cause, standardOutput: output.bytes, standardError: error.bytes,
                outputTruncated: output.isTruncated || error.isTruncated, isolated: isIsolated)
        } onCancel: {
            stop.raise()
        }
    }

    private static func collect(
        _ sequence: SubprocessOutputSequence, limit: Int
    ) async throws -> (bytes: [UInt8], isTruncated: Bool) {
        var bytes: [UInt8] = []
        var count = 0
        for try await chunk in sequence {
            count += chunk.count
            let wanted = min(chunk.count, limit - bytes.count)
            if wanted > 0 { unsafe chunk.withUnsafeBytes { unsafe bytes.append(contentsOf: $0.prefix(wanted)) } }
        }
        return (bytes, count > bytes.count)
    }

    private static func makeScratch() throws(SandboxError) -> String {
        let path = NSTemporaryDirectory() + "kiln-" + UUID().uuidString
        try System.makeDirectory(path, mode: 0o700)
        return path
    }

    private static func open(_ input: CommandInput, scratch: String) throws(SandboxError) -> FileDescriptor {
        switch input {
        case .none: return try System.open("/dev/null", .readOnly)
        case .file(let path): return try System.open(path, .readOnly)
        case .bytes(let bytes):
            let file = try System.open("\(scratch)/input", .readWrite, .create, permissions: .ownerReadWrite)
            try System.write(bytes, to: file, path: "\(scratch)/input")
            guard lseek(file.rawValue, 0, SEEK_SET) == 0 else { throw System.failure("lseek", "input") }
            return file
        }
    }
}

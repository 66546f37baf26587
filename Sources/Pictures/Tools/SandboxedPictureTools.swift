package import Sandbox

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Musl
#endif

/// Decoders in the sandbox: no network, no files but the one folder, bounded time and memory.
package struct SandboxedPictureTools: PictureToolRunner {
    private let settings: SandboxSettings
    private let paths: [PictureTool: String]

    private static let folders = ["/usr/bin", "/usr/local/bin"]

    /// Looks for the programs once.
    package init(settings: SandboxSettings = SandboxSettings()) {
        self.settings = settings
        var paths: [PictureTool: String] = [:]
        for tool in PictureTool.allCases {
            let candidates = Self.folders.map { "\($0)/\(tool.rawValue)" }
            paths[tool] = candidates.first { unsafe access($0, X_OK) == 0 }
        }
        self.paths = paths
    }

    /// The programs that are not there.
    package var missing: [PictureTool] { PictureTool.allCases.filter { paths[$0] == nil } }

    package func run(
        _ tool: PictureTool, _ arguments: [String], in folder: String, limits: PictureToolLimits
    ) async -> PictureToolEnd {
        guard let path = paths[tool] else { return .missing }
        let policy = SandboxPolicy(
            writable: [SandboxBind(folder, at: "/work")],
            environment: Self.environment,
            workingDirectory: "/work",
            limits: SandboxLimits(
                wallTime: limits.wallTime, cpuTime: limits.wallTime * 2, memory: limits.memory,
                // Beyond its memory, libvips maps some 500 MB of libraries and thread stacks.
                addressSpace: limits.memory + (2 << 30), processes: 64, openFiles: 128, fileSize: limits.output,
                output: limits.output, outputFiles: 64))
        let command = SandboxedCommand(
            settings: settings, policy: policy, executable: path, arguments: arguments, outputLimit: 16_384)
        let end = await command.run()
        return Self.end(of: end)
    }

    /// Exotic loaders (ImageMagick, PDF, OpenSlide, ...) are blocked; two threads are enough for one picture.
    private static let environment = [
        "VIPS_BLOCK_UNTRUSTED": "1", "VIPS_CONCURRENCY": "2", "G_MESSAGES_DEBUG": "", "GIO_USE_VFS": "local",
    ]

    private static func end(of end: CommandEnd) -> PictureToolEnd {
        switch end.cause {
        case .exited(0): .succeeded
        case .exited, .signalled, .outputLimit: .failed(output: end.standardError)
        case .wallTimeLimit, .cpuTimeLimit: .timedOut
        case .memoryLimit: .outOfMemory
        case .cancelled: .cancelled
        case .couldNotStart(let reason): .couldNotStart(reason: reason)
        }
    }
}

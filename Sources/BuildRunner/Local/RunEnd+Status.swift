import Domain
import Sandbox

extension RunEnd {
    /// By convention (`sysexits.h`) the code for input that cannot be used.
    static let unusableInput: Int32 = 65

    /// What the end of a build's script means for the build.
    func status(limits: RunLimits) -> Observation.Status {
        switch cause {
        case .exited(0):
            .succeeded
        case .exited(Self.unusableInput):
            .failed(Failure(kind: .input, message: "What was asked for cannot be built."))
        case .exited(let code):
            .failed(Failure(kind: .build, message: "The build ended with an error (exit code \(code))."))
        case .signalled(let number):
            .failed(
                Failure(
                    kind: .build,
                    message: number == 9
                        ? "The build was ended by the system, most likely because it needed too much memory."
                        : "The build crashed (signal \(number))."))
        case .wallTimeLimit:
            .failed(
                Failure(
                    kind: .timeout, message: "The build took longer than its limit of \(limits.time.inWords).")
            )
        case .cpuTimeLimit:
            .failed(
                Failure(
                    kind: .timeout,
                    message: "The build used more processor time than its limit of \(limits.cpu.inWords)."))
        case .memoryLimit:
            .failed(
                Failure(
                    kind: .build,
                    message: "The build needed more memory than its limit of \(inWords(bytes: limits.memory)).")
            )
        case .outputLimit:
            .failed(
                Failure(
                    kind: .build,
                    message: "The build wrote more to the disk than its limit of \(inWords(bytes: limits.output)).")
            )
        case .cancelled:
            // Nobody asks for the end of a run whose build goes on; what comes here was stopped with the machine.
            .lost(reason: "the run was stopped from outside")
        case .couldNotStart(let reason):
            .lost(reason: "the run could not be started: \(reason)")
        }
    }
}

extension Duration {
    /// `90 seconds`, `10 minutes`.
    var inWords: String {
        let seconds = wholeMilliseconds / 1000
        if seconds >= 120, seconds % 60 == 0 { return "\(seconds / 60) minutes" }
        return seconds == 1 ? "1 second" : "\(seconds) seconds"
    }
}

/// `512 MiB`, `2 GiB`, rounded down.
func inWords(bytes: Int64) -> String {
    switch bytes {
    case (1 << 30)... where bytes % (1 << 30) == 0: "\(bytes >> 30) GiB"
    case (1 << 20)...: "\(bytes >> 20) MiB"
    case (1 << 10)...: "\(bytes >> 10) KiB"
    default: "\(bytes) bytes"
    }
}

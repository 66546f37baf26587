/// What one run may use before it is ended (or refused more).
///
/// Wall time, processor time, memory and output are of the whole process tree and are looked at about twice a second;
/// the others are `setrlimit` limits of the kernel and hold at once.
package struct SandboxLimits: Sendable, Codable, Equatable {
    /// From start to end.
    package var wallTime: Duration
    /// Processor time of all processes together; also the kernel's limit of each one.
    package var cpuTime: Duration
    /// Bytes of anonymous and shared memory of all processes together.
    package var memory: UInt64
    /// Bytes of address space of each process; `nil` for programs that reserve much and use little, like Java.
    package var addressSpace: UInt64?
    /// Processes and threads at a time.
    ///
    /// Each run has its own count where Kiln is root (an own user per run) or the kernel is 5.14 or newer (an own user
    /// namespace per run). Elsewhere the kernel counts everything that Kiln's user runs.
    package var processes: Int
    /// Open files of each process.
    package var openFiles: Int
    /// Bytes of the largest file that may be written.
    package var fileSize: UInt64
    /// Bytes on disk in all writable folders together.
    package var output: UInt64
    /// Files and folders in all writable folders together.
    package var outputFiles: Int
    /// Bytes of log that are kept: the beginning and the end.
    package var log: Int
    /// Bytes in each of `/tmp`, the home folder and `/dev/shm`, which live in memory.
    package var temporary: UInt64

    /// Limits that fit a build of some minutes on a small machine.
    package init(
        wallTime: Duration = .seconds(600),
        cpuTime: Duration = .seconds(1200),
        memory: UInt64 = 2 << 30,
        addressSpace: UInt64? = 4 << 30,
        processes: Int = 256,
        openFiles: Int = 1024,
        fileSize: UInt64 = 4 << 30,
        output: UInt64 = 8 << 30,
        outputFiles: Int = 100_000,
        log: Int = 16 << 20,
        temporary: UInt64 = 256 << 20
    ) {
        self.wallTime = wallTime
        self.cpuTime = cpuTime
        self.memory = memory
        self.addressSpace = addressSpace
        self.processes = processes
        self.openFiles = openFiles
        self.fileSize = fileSize
        self.output = output
        self.outputFiles = outputFiles
        self.log = log
        self.temporary = temporary
    }
}

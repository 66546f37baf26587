import Glibc
import Sandbox

// What the tests of the sandbox run as processes of their own:
//   supervise FOLDER           what `kiln supervise` is
//   start RUNS KEY SCRIPT      starts a run of a shell script, says so, and waits to be killed
//   command SCRIPT             one sandboxed shell script; prints how it ended and what it printed
//   probe                      prints what `SandboxCheck.probe` says
let arguments = Array(CommandLine.arguments.dropFirst())
switch (arguments.first, arguments.count) {
case ("supervise", 2):
    exit(await SupervisorMain.run(directory: arguments[1]))
case ("start", 4):
    guard let key = RunKey(arguments[2]) else { exit(64) }
    let supervisor = SupervisorCommand(
        executable: SupervisorCommand.thisExecutable().executable, arguments: ["supervise"])
    let policy = SandboxPolicy(writable: [SandboxBind("work", at: "/work")], workingDirectory: "/work")
    let runs = try LocalRuns(directory: arguments[1], supervisor: supervisor)
    try await runs.start(
        key, RunSpecification(executable: "/bin/sh", arguments: ["-c", arguments[3]], policy: policy))
    print("started")
    _ = fflush(nil)
    while true { pause() }
case ("command", 2):
    let command = SandboxedCommand(
        policy: SandboxPolicy(), executable: "/bin/sh", arguments: ["-c", arguments[1]])
    let end = await command.run()
    print(end.cause)
    print(String(decoding: end.standardOutput + end.standardError, as: UTF8.self))
case ("probe", 1):
    print(await SandboxCheck.probe())
default:
    exit(64)
}

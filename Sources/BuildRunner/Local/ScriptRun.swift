import Domain
import Sandbox

/// What the scripts of a recipe see: the same places and variables for `build` and `verify`.
///
/// | place | what |
/// |---|---|
/// | `/kiln/recipe` | the recipe's folder |
/// | `/kiln/prepared` | what `kiln prepare` made; empty where the recipe has no such step |
/// | `/kiln/inputs/build.json` | the build: id, values, uploads |
/// | `/kiln/inputs/target` | which target of a matrix it is to make; not there without one |
/// | `/kiln/inputs/fields/<field>` | a field's value, exact bytes |
/// | `/kiln/inputs/files/<field>` | an uploaded file |
/// | `/kiln/artifacts` | the stored artifacts (verify only) |
/// | `/kiln/work` | scratch, where the script starts; writable |
/// | `/kiln/out` | what it makes; writable |
///
/// Values are never part of a command line or of a variable (P5).
struct ScriptRun: Sendable {
    /// Bytes that a recipe's folder may have.
    static let recipeLimit: Int64 = 64 << 20

    var order: BuildOrder
    /// The recipe's folder on this machine.
    var recipeFolder: String
    var preparedFolder: String?
    var uploadPath: @Sendable (UploadID) -> String

    /// What `LocalRuns` is to run.
    func specification(
        script: String, limits: RunLimits, readOnly: [SandboxBind] = [], devices: [String] = [],
        environment: [String: String] = [:]
    ) -> RunSpecification {
        let variables = [
            "KILN_BUILD_ID": order.build.id.text, "KILN_BUILD_NUMBER": String(order.build.number),
            "KILN_RECIPE": order.recipe.id.text,
            "KILN_RECIPE_DIR": "/kiln/recipe", "KILN_INPUTS": "/kiln/inputs", "KILN_PREPARED": "/kiln/prepared",
            "KILN_WORK": "/kiln/work", "KILN_OUT": "/kiln/out",
        ].merging(environment) { $1 }
        let binds = [
            SandboxBind("recipe", at: "/kiln/recipe"), SandboxBind("inputs", at: "/kiln/inputs"),
            SandboxBind(preparedFolder ?? "prepared", at: "/kiln/prepared"),
        ]
        return RunSpecification(
            executable: "/kiln/recipe/\(script)",
            policy: SandboxPolicy(
                readOnly: binds + readOnly,
                writable: [SandboxBind("work", at: "/kiln/work"), SandboxBind("out", at: "/kiln/out")],
                devices: devices, environment: variables, workingDirectory: "/kiln/work", limits: SandboxLimits(limits))
        )
    }

    /// Writes the recipe and the inputs into the run's own folder: a later change of the recipe's folder does not
    /// reach a run that has begun. Blocks.
    func populate(_ files: String) throws {
        try FolderWork.copy(recipeFolder, to: "\(files)/recipe", limit: Self.recipeLimit)
        if preparedFolder == nil { try FolderWork.make("\(files)/prepared") }
        let inputs = ScriptInputs(
            document: try BuildDocument(order).json(), target: order.build.target, values: order.publicInputs)
        try inputs.write(to: "\(files)/inputs", uploadPath: uploadPath)
    }
}

extension SandboxLimits {
    init(_ limits: RunLimits) {
        let memory = UInt64(max(limits.memory, 0))
        let addressSpace: UInt64? =
            switch limits.addressSpace {
            case .bytes(let bytes): UInt64(max(bytes, 0))
            case .unlimited: nil
            // Reserved is not used; this only stops what grows faster than it can be measured.
            case nil: max(memory * 4, 8 << 30)
            }
        self.init(
            wallTime: limits.time, cpuTime: limits.cpu, memory: memory, addressSpace: addressSpace,
            processes: limits.processes, openFiles: limits.openFiles, fileSize: UInt64(max(limits.output, 0)),
            output: UInt64(max(limits.output, 0)), log: Int(limits.log))
    }
}

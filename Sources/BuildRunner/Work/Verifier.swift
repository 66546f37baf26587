package import Domain
import Foundation
package import Sandbox
package import Storage

/// Tries artifacts out with the recipe's verify script, on this machine and in the sandbox, whatever provider built them.
///
/// The run's key is made from the attempt's, so that a verification that was begun before a crash is found again.
package struct Verifier: Sendable {
    /// What emulates the machine in which a result is tried.
    package enum Accelerator: String, Hashable, Sendable, CaseIterable {
        case tcg, kvm
    }

    static let suffix = "-verify"

    let runs: LocalRuns
    private let prepared: PreparedFolders
    private let objects: any ObjectStore
    private let uploadPath: @Sendable (UploadID) -> String
    private let accelerator: Accelerator

    package init(
        runs: LocalRuns, prepared: PreparedFolders, objects: any ObjectStore,
        uploadPath: @escaping @Sendable (UploadID) -> String, accelerator: Accelerator = .tcg
    ) {
        self.runs = runs
        self.prepared = prepared
        self.objects = objects
        self.uploadPath = uploadPath
        self.accelerator = accelerator
    }

    static func key(of attempt: Attempt) -> RunKey? {
        RunKey(attempt.key + suffix)
    }

    /// Starts the verification unless it was started before.
    func start(_ step: VerifyStep, of order: BuildOrder, attempt: Attempt) async -> ProviderAnswer<RunKey> {
        guard let key = Self.key(of: attempt) else { return .refused(FailureWords.notStartable) }
        return await answer {
            var preparedFolder: String?
            if case .ready(let path) = try await prepared.status(of: order.recipe) { preparedFolder = path }
            let script = ScriptRun(
                order: order, recipeFolder: prepared.folder(of: order.recipe), preparedFolder: preparedFolder,
                uploadPath: uploadPath)
            let specification = script.specification(
                script: step.script, limits: step.limits,
                readOnly: [SandboxBind("artifacts", at: "/kiln/artifacts")],
                devices: accelerator == .kvm ? ["/dev/kvm"] : [],
                environment: ["KILN_ARTIFACTS": "/kiln/artifacts", "KILN_VERIFY_ACCELERATOR": accelerator.rawValue])
            try await runs.start(key, specification) { files in
                try await Blocking.run { try script.populate(files) }
                try await Blocking.run { () throws(FileFault) in try FolderWork.make("\(files)/artifacts") }
                for artifact in order.build.artifacts where artifact.role == .product {
                    try await copy(artifact, of: order.build.id, to: "\(files)/artifacts/\(artifact.name)")
                }
            }
            return key
        }
    }

    /// The stored bytes, not the run's own: what is tried is what will be served (P9).
    private func copy(_ artifact: Artifact, of build: BuildID, to path: String) async throws {
        let key = ObjectKey(build: build, name: artifact.name)
        try await Blocking.run { () throws(FileFault) in try FileWork.write([], to: path) }
        var offset: Int64 = 0
        while offset < artifact.bytes {
            let bytes = try await objects.read(key, from: offset, length: 4 << 20)
            guard !bytes.isEmpty else { throw StorageError.missingObject(key: "\(key)") }
            try await Blocking.run { () throws(FileFault) in try FileWork.append(bytes, to: path) }
            offset += Int64(bytes.count)
        }
    }

    /// Ends a verification and removes its files; done too if there is none.
    func cleanUp(_ attempt: Attempt) async -> ProviderAnswer<Void> {
        guard let key = Self.key(of: attempt) else { return .done(()) }
        return await runs.endAndRemove(key)
    }

    /// Where the verification left its picture.
    func picturePath(_ name: String, of key: RunKey) -> String {
        "\(runs.files(of: key))/out/\(name)"
    }
}

import BuildRunner
import Domain
import Foundation
import Logging
import Recipes
import Sandbox
import Storage

/// What `kiln doctor` finds out about signing. Makes no key, and no key file.
struct SigningExamination {
    let configuration: KilnConfiguration
    let sandbox: SandboxSettings

    init(_ configuration: KilnConfiguration, sandbox: SandboxSettings) {
        self.configuration = configuration
        self.sandbox = sandbox
    }

    /// Says nothing where no recipe signs.
    func look(_ report: DoctorReport) async {
        let loaded = RecipeLoader().load(directory: DataFolder.absolute(configuration.recipes.directory))
        guard loaded.recipes.contains(where: { $0.sign != nil }) else { return }
        let missing = SigningTools(settings: sandbox).missing.map(\.rawValue)
        report.add(
            "signing tools",
            missing.isEmpty
                ? .well("all are installed")
                : .broken(
                    "missing: \(missing.joined(separator: ", "))",
                    mend: "install them (Debian: apt install aapt apksigner default-jre-headless)"))
        let memory = PrivateMemory.fault
        report.add(
            "signing memory",
            memory.map { .broken($0, mend: "mount a tmpfs at /dev/shm that Kiln's user may write to") }
                ?? .well("keys are opened in /dev/shm only"))
        report.add("signing keys", await keys())
    }

    private func keys() async -> DoctorReport.Finding {
        let secrets: SigningSecrets
        do throws(Signing.Fault) { secrets = try Signing.secrets(configuration.signing) } catch {
            return .broken("\(error)", mend: "write the passphrase there, readable by Kiln's user")
        }
        // Not `broken`: it is how Kiln works before anybody has configured anything.
        let place =
            secrets.usesKeyFile
            ? "; the key that opens them lies beside them (\(secrets.keyFile)): set signing.passphrase where that is not enough"
            : ""
        let path = DataFolder(configuration.data.directory).database
        guard FileManager.default.fileExists(atPath: path) else { return .well("none yet\(place)") }
        do {
            let store = try await SQLiteStore.open(path: path, notices: Notices())
            let newest = try await store.newestSigningKey()
            await store.close()
            try SigningVault(secrets).prove(newest)
            return .well((newest == nil ? "none yet" : "can be opened") + place)
        } catch let fault as SealFault {
            return .broken(
                "\(fault)",
                mend: "set signing.passphrase (or signing.old_passphrase) to the right one, or restore the key file")
        } catch {
            return .broken("\(error)", mend: "look at the database")
        }
    }
}

import ArgumentParser
import BuildRunner
import Crypto
import Curl
import Domain
import Foundation
import Logging
import Mailer
import Pictures
import Recipes
import Sandbox
import Storage

/// `kiln doctor`: whether this machine can do what the configuration and the recipes ask of it.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Say what is wrong here, and how to mend it.",
        discussion: """
            Looks at the configuration, the recipes and their tools, the sandbox, the database, the disk, the port and \
            the mail. Changes nothing but what a start would. Ends with 0 if all is well, 1 if something is wrong, 78 if \
            the configuration is. `kiln doctor mail` says more of the mail.
            """,
        subcommands: [DoctorMailCommand.self])

    @Option(help: "The configuration file; kiln.yml if it is there.")
    var config: String?

    func run() async throws {
        let configuration = try ConfigurationLoading.load(config, ProcessInfo.processInfo.environment)
        let report = DoctorReport()
        report.add("configuration", .well("read"))
        await Self.examine(configuration, report)
        print(report.summary)
        if report.hasFaults { throw ExitCode.failure }
    }

    private static func examine(_ configuration: KilnConfiguration, _ report: DoctorReport) async {
        let data = DataFolder(configuration.data.directory)
        let sandbox = Parts.sandbox(configuration)
        report.add("sandbox", await isolation(sandbox))
        if configuration.verify.accelerator == .kvm { report.add("/dev/kvm", kvm()) }
        for tool in SandboxedPictureTools(settings: sandbox).missing {
            report.add("picture tool \(tool.rawValue)", .broken("is not installed", mend: "scripts/setup.sh run"))
        }
        report.add("data directory \(data.path)", folder(data.path))
        report.add("uploads directory", folder(DataFolder.absolute(configuration.uploads.directory)))
        report.add("disk", disk(data.path))
        report.add("database", await database(data.database))
        report.add("port \(configuration.server.port)", await port(configuration))
        await recipes(configuration, data, sandbox, report)
        await SigningExamination(configuration, sandbox: sandbox).look(report)
        await MailExamination(configuration).look(report)
    }

    private static func isolation(_ sandbox: SandboxSettings) async -> DoctorReport.Finding {
        switch await SandboxCheck.probe(sandbox) {
        case .isolated: .well("builds are isolated")
        case .refused(let reason, let mend): .broken(reason, mend: mend)
        }
    }

    /// Runs have a user of their own, so that every user must be allowed to open the device.
    private static func kvm() -> DoctorReport.Finding {
        let attributes = try? FileManager.default.attributesOfItem(atPath: "/dev/kvm")
        guard let mode = (attributes?[.posixPermissions] as? NSNumber)?.intValue else {
            return .broken("is not there", mend: "switch on virtualisation, or set verify.accelerator to tcg")
        }
        return mode & 0o006 == 0o006
            ? .well("can be opened by every user")
            : .broken(
                "cannot be opened by the runs' users", mend: "chmod 0666 /dev/kvm, or set verify.accelerator to tcg")
    }

    private static func recipes(
        _ configuration: KilnConfiguration, _ data: DataFolder, _ sandbox: SandboxSettings, _ report: DoctorReport
    ) async {
        let directory = DataFolder.absolute(configuration.recipes.directory)
        let loaded = RecipeLoader().load(directory: directory)
        for diagnostic in loaded.diagnostics {
            let first = diagnostic.text.split(separator: "\n").first.map(String.init) ?? diagnostic.problem
            report.add("recipes", .broken(first, mend: diagnostic.mend ?? "kiln check"))
        }
        let scratch = FileManager.default.temporaryDirectory.appending(path: "kiln-doctor-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        guard let runs = try? LocalRuns(directory: scratch, settings: sandbox, supervisor: .thisExecutable()) else {
            report.add(
                "temporary folder", .broken("\(scratch) cannot be made", mend: "make room in the temporary folder"))
            return
        }
        let provider = LocalProvider(
            runs: runs, settings: sandbox, prepared: PreparedFolders(directory: data.prepared, recipes: directory),
            uploadPath: { $0.text }, logger: Logger(label: "doctor") { _ in SwiftLogNoOpLogHandler() })
        let offered = loaded.recipes.filter(\.isOffered)
        for finding in await provider.check(offered) where finding.subject != "sandbox" { report.add(finding) }
        let address = configuration.server.publicURL(boundPort: configuration.server.port)
        let misled = PublicAddress.misled(by: address, offered)
        if !misled.isEmpty {
            report.add(
                "server.public_url",
                .broken(
                    "\(address) is this machine's name for itself: jobs of \(misled.joined(separator: ", ")) cannot reach it",
                    mend: "set server.public_url to the address by which the CI's machines reach Kiln"))
        }
        for remote in Parts.remoteProviders(tools(configuration, data)) {
            let built = offered.filter { recipe in
                recipe.build.providers.contains { $0.name.rawValue == remote.name }
            }
            guard !built.isEmpty else { continue }
            for finding in await remote.check(built) { report.add(finding) }
        }
    }

    /// What providers need to look around; nothing is started, so that no link is ever given out.
    private static func tools(_ configuration: KilnConfiguration, _ data: DataFolder) -> RemoteTools {
        let secrets = Secrets(
            environment: ProcessInfo.processInfo.environment, directory: configuration.secrets.directory)
        let site = SiteMap(publicURL: configuration.server.publicURL(boundPort: configuration.server.port))
        let signer = CapabilitySigner(key: SymmetricKey(size: .bits256))
        return RemoteTools(
            transfers: Parts.transfers(configuration.network), secret: { secrets.value(of: $0) },
            links: site.jobLinks(signer: signer), clock: SystemWallClock(), scratch: data.remote,
            logger: Logger(label: "doctor") { _ in SwiftLogNoOpLogHandler() })
    }

    /// The folder, or the nearest that is there, can be written.
    private static func folder(_ path: String) -> DoctorReport.Finding {
        var nearest = path
        while !FileManager.default.fileExists(atPath: nearest), nearest != "/" {
            nearest = URL(fileURLWithPath: nearest).deletingLastPathComponent().path
        }
        guard FileManager.default.isWritableFile(atPath: nearest) else {
            return .broken("\(nearest) cannot be written", mend: "give Kiln's user the right to write there")
        }
        return .well(nearest == path ? "can be written" : "is made at the first start")
    }

    private static func disk(_ path: String) -> DoctorReport.Finding {
        let nearest = FileManager.default.fileExists(atPath: path) ? path : "."
        guard let space = try? DiskSpace.at(path: nearest) else {
            return .broken("the free space cannot be told", mend: "look at the disk under \(path)")
        }
        let free = "\(space.freeBytes.sizeText) of \(space.totalBytes.sizeText) free"
        return space.freeBytes >= Parts.leastFreeBytes
            ? .well(free) : .broken(free, mend: "make room: uploads and builds are about to fail")
    }

    private static func database(_ path: String) async -> DoctorReport.Finding {
        guard FileManager.default.fileExists(atPath: path) else { return .well("is made at the first start") }
        do {
            let store = try await SQLiteStore.open(path: path, notices: Notices())
            try await store.checkIntegrity()
            await store.close()
            return .well("whole")
        } catch {
            return .broken("\(error)", mend: "restore a backup, or look at the disk (docs/operations.md)")
        }
    }

    private static func port(_ configuration: KilnConfiguration) async -> DoctorReport.Finding {
        let server = configuration.server
        let host = server.host == "0.0.0.0" ? "127.0.0.1" : server.host == "::" ? "[::1]" : server.host
        let request = HTTPRequest(.get, "http://\(host):\(server.port)/livez", timeLimit: .seconds(5))
        do {
            let response = try await HTTPTransfers(TransferSettings(userAgent: "kiln-doctor")).send(request)
            return response.status == 200
                ? .well("Kiln answers there")
                : .broken("another program answers there", mend: "stop it, or set server.port to another port")
        } catch HTTPFailure.unreachable {
            return .well("is free")
        } catch {
            return .broken("another program holds it", mend: "stop it, or set server.port to another port")
        }
    }
}

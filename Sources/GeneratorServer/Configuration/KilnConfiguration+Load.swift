import Foundation
import Logging
import Recipes

extension KilnConfiguration {
    /// Reads the configuration.
    /// - Parameters:
    ///   - file: nil: the variable `KILN_CONFIG`, or `kiln.yml` in the working directory if it is there.
    ///   - environment: its variables win over the file.
    ///   - forServing: `false` for a command that works on what is stored: it may lack the server's variables, a password
    ///     among them, so that whether values fit each other is not asked.
    /// - Throws: everything that is wrong, at once.
    static func load(
        file: String?, environment: [String: String], forServing: Bool = true
    ) throws(ConfigurationProblems) -> KilnConfiguration {
        let usual = FileManager.default.fileExists(atPath: "kiln.yml") ? "kiln.yml" : nil
        let values = try ConfigurationValues(
            file: file ?? environment["KILN_CONFIG"] ?? usual, environment: environment)
        let problems = forServing ? ConfigurationRules(values).problems : []
        guard problems.isEmpty else { throw ConfigurationProblems(diagnostics: problems.sorted()) }
        return KilnConfiguration(values, environment: environment)
    }

    private init(_ values: ConfigurationValues, environment: [String: String]) {
        let data = values.certainText("data.directory")
        server = Server(
            host: values.certainText("server.host"), port: values.certainInteger("server.port"),
            publicURL: values.text("server.public_url"),
            trustedProxies: values.list("server.trusted_proxies").compactMap(AddressRange.init),
            maxConnections: values.certainInteger("server.max_connections"),
            secretFile: values.text("server.secret_file") ?? "\(data)/secret")
        self.data = Data(directory: data)
        uploads = Uploads(directory: values.certainText("uploads.directory"))
        recipes = Recipes(
            directory: values.certainText("recipes.directory"), retention: values.span("recipes.retention"))
        templates = Templates(directory: values.certainText("templates.directory"))
        publicFiles = PublicFiles(directory: values.certainText("public.directory"))
        mail = Mail(values, data: data)
        let processors = ProcessInfo.processInfo.activeProcessorCount
        queue = Queue(
            workers: values.integer("queue.workers") ?? max(1, processors / 2),
            maxWaiting: values.certainInteger("queue.max_waiting"))
        sandbox = Sandbox(
            allowUnsandboxed: values.certain("sandbox.allow_unsandboxed", values.flag("sandbox.allow_unsandboxed")),
            firstUser: values.certainInteger("sandbox.first_user"),
            bubblewrap: values.certainText("sandbox.bubblewrap"))
        verify = Verify(
            accelerator: values.certain(
                "verify.accelerator", values.option("verify.accelerator", Verify.Accelerator.self)))
        signing = Signing(values, data: data)
        secrets = Secrets(directory: values.text("secrets.directory") ?? environment["CREDENTIALS_DIRECTORY"])
        providers = Providers(
            atOnce: values.certainInteger("providers.at_once"),
            triggersPerMinute: values.certainInteger("providers.triggers_per_minute"))
        network = Network(
            proxy: values.text("network.proxy"), caFile: values.text("network.ca_file"),
            allowed: values.list("network.allowed"))
        limits = Limits(values)
        log = Log(
            format: values.certain("log.format", values.option("log.format", Log.Format.self)),
            level: values.certain("log.level", values.option("log.level", Logger.Level.self)))
        stop = Stop(time: values.certainSpan("stop.time"))
        warnings = ConfigurationRules(values).warnings
        summary = ConfigurationTable.keys.map { key in
            let source = values.places[key.path].map(\.description) ?? "default"
            return (key.path, key.shown(values.value(key.path)), source)
        }
    }
}

extension KilnConfiguration.Limits {
    fileprivate init(_ values: ConfigurationValues) {
        perSourcePerHour = values.limit("limits.per_source_per_hour")
        perAddressPerHour = values.limit("limits.per_address_per_hour")
        mailsPerHour = values.limit("limits.mails_per_hour")
        confirmationsPerAddressPerHour = values.limit("limits.confirmations_per_address_per_hour")
        confirmationsPerSourcePerHour = values.limit("limits.confirmations_per_source_per_hour")
        uploadBytes = values.certain("limits.upload_bytes", values.size("limits.upload_bytes"))
        headerTime = values.certainSpan("limits.header_time")
        bodyTime = values.certainSpan("limits.body_time")
        idleTime = values.certainSpan("limits.idle_time")
        minBytesPerSecond = values.certainInteger("limits.min_bytes_per_second")
    }
}

extension ConfigurationValues {
    func certainText(_ path: String) -> String { certain(path, text(path)) }
    func certainInteger(_ path: String) -> Int { certain(path, integer(path)) }
    func certainSpan(_ path: String) -> Duration { certain(path, span(path)) }

    /// A number of which 0 means that there is no limit.
    func limit(_ path: String) -> Int? {
        let number = certainInteger(path)
        return number == 0 ? nil : number
    }
}

extension ConfigurationKey {
    /// The value for people; a secret is redacted.
    fileprivate func shown(_ value: ConfigurationValue?) -> String {
        guard let value else { return defaultNote.map { "(\($0))" } ?? "(none)" }
        guard !isSecret else { return "<redacted>" }
        return switch value {
        case .text(let text): text
        case .integer(let number): String(number)
        case .boolean(let flag): String(flag)
        case .size(let size): Measures.text(size: size)
        case .span(let span): Measures.text(span: span)
        case .list(let list): list.isEmpty ? "(none)" : list.joined(separator: ", ")
        }
    }
}

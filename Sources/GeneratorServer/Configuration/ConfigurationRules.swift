import Recipes

/// How values of different keys have to fit each other, and what this version cannot do yet.
struct ConfigurationRules {
    private(set) var problems: [Diagnostic] = []
    private(set) var warnings: [Diagnostic] = []
    let values: ConfigurationValues

    init(_ values: ConfigurationValues) {
        self.values = values
        warnings = values.notes
        checkMail()
        checkStores()
        checkSigning()
        checkReach()
    }

    private mutating func checkStores() {
        if values.text("database.url") != nil {
            refuse(
                "database.url", "PostgreSQL is not in this version",
                mend: "remove it: SQLite in `data.directory` is used")
        }
        if values.text("objects.url") != nil {
            refuse(
                "objects.url", "S3 is not in this version", mend: "remove it: files in `data.directory` are used")
        }
    }

    private mutating func checkSigning() {
        for path in ["signing.passphrase", "signing.old_passphrase"] {
            guard let text = values.text(path) else { continue }
            if values.text("\(path)_file") != nil {
                refuse("\(path)_file", "`\(path)` is set too", mend: "remove one of the two")
            }
            if text.count < KilnConfiguration.Signing.shortestPassphrase {
                refuse(
                    path, "is shorter than \(KilnConfiguration.Signing.shortestPassphrase) characters",
                    mend: "use a long random one, such as `openssl rand -hex 32` prints")
            }
        }
    }

    private mutating func checkReach() {
        let host = values.text("server.host") ?? ""
        let isLocal = host == "localhost" || host == "::1" || host.hasPrefix("127.")
        if !isLocal || sendsMailOut, values.text("server.public_url") == nil {
            warn(
                "server.public_url", "is not set: links in mails lead to `http://localhost`",
                mend: "set it to what people's browsers use, such as `https://kiln.example.org`")
        }
        if !isLocal, values.flag("sandbox.allow_unsandboxed") == true {
            warn(
                "sandbox.allow_unsandboxed", "scripts may run without isolation, and others can reach this server",
                mend: "let the kernel allow user namespaces, and remove it")
        }
    }

    private func place(_ path: String) -> Diagnostic.Place {
        values.places[path] ?? .wholeFile("kiln.yml")
    }

    mutating func refuse(_ path: String, _ problem: String, mend: String) {
        problems.append(Diagnostic(place: place(path), path: path, problem: problem, mend: mend))
    }

    mutating func warn(_ path: String, _ problem: String, mend: String) {
        warnings.append(
            Diagnostic(place: place(path), severity: .warning, path: path, problem: problem, mend: mend))
    }
}

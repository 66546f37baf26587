import Domain
import Foundation
import Logging
import Recipes
import TestSupport
import Testing

@testable import GeneratorServer

struct KilnConfigurationTests {
    static func load(_ yaml: String = "", _ environment: [String: String] = [:]) throws -> KilnConfiguration {
        let directory = try TemporaryDirectory()
        let file = directory.path("kiln.yml")
        try yaml.write(toFile: file, atomically: false, encoding: .utf8)
        return try KilnConfiguration.load(file: file, environment: environment)
    }

    /// What is wrong, as `place path: problem` without the file's folder.
    static func problems(_ yaml: String = "", _ environment: [String: String] = [:]) throws -> [String] {
        do {
            _ = try load(yaml, environment)
            return []
        } catch let problems as ConfigurationProblems {
            return problems.diagnostics.map { found in
                let place = found.place.description.split(separator: "/").last ?? ""
                return "\(place) \(found.path): \(found.problem)"
            }
        }
    }

    @Test func `nothing given means the defaults`() throws {
        let configuration = try Self.load()
        #expect(configuration.server.host == "127.0.0.1")
        #expect(configuration.server.port == 8080)
        #expect(configuration.server.publicURL(boundPort: 8080) == "http://localhost:8080")
        #expect(configuration.server.trustedProxies == [])
        #expect(configuration.server.secretFile == "data/secret")
        #expect(configuration.data.directory == "data")
        #expect(configuration.mail.service == .maildir)
        #expect(configuration.mail.maildirDirectory == "data/mail")
        #expect(!configuration.mail.confirm)
        #expect(configuration.queue.workers >= 1)
        #expect(configuration.queue.maxWaiting == 200)
        #expect(configuration.limits.perSourcePerHour == 30)
        #expect(configuration.limits.uploadBytes == 256 << 20)
        #expect(!configuration.sandbox.allowUnsandboxed)
        #expect(configuration.verify.accelerator == .tcg)
        #expect(configuration.stop.time == .seconds(30))
        #expect(configuration.warnings == [])
    }

    @Test func `every key can be given in the file and as a variable, and the variable wins`() throws {
        let values = ConfigurationSamples.values
        for key in ConfigurationTable.keys where !["database.url", "objects.url"].contains(key.path) {
            let (inFile, inVariable) = try #require(values[key.path], "a sample for \(key.path)")
            let yaml = key.components.enumerated().map { depth, name in
                String(repeating: "  ", count: depth) + name + ":"
            }.joined(separator: "\n")
            let others = ConfigurationSamples.companions(key.path)
            let both = try Self.load("\(yaml) \(inFile)", others.merging([key.variable: inVariable]) { $1 })
            let shown = try #require(both.summary.first { $0.path == key.path })
            #expect(shown.source == key.variable)
            #expect(shown.value == (key.isSecret ? "<redacted>" : inVariable))
            let one = try Self.load("\(yaml) \(inFile)", others)
            let fromFile = try #require(one.summary.first { $0.path == key.path })
            #expect(fromFile.value == (key.isSecret ? "<redacted>" : inFile))
        }
    }

    @Test func `values reach their rooms`() throws {
        let configuration = try Self.load(
            """
            server: {host: 0.0.0.0, port: 80, public_url: 'https://kiln.example.org/', trusted_proxies: [10.0.0.0/8, '::1']}
            data: {directory: /var/lib/kiln}
            limits: {per_source_per_hour: 0, per_address_per_hour: 3, upload_bytes: 1 GiB, body_time: 5m}
            mail: {service: none, smtp: {encryption: ssl}}
            recipes: {retention: 2d}
            log: {format: json, level: debug}
            """)
        #expect(configuration.server.publicURL(boundPort: 80) == "https://kiln.example.org")
        #expect(configuration.server.trusts("10.1.2.3"))
        #expect(!configuration.server.trusts("11.1.2.3"))
        #expect(configuration.mail.maildirDirectory == "/var/lib/kiln/mail")
        #expect(configuration.mail.smtp.port == 465)
        #expect(configuration.limits.perSourcePerHour == nil)
        #expect(configuration.limits.perAddressPerHour == 3)
        #expect(configuration.limits.bodyTime == .seconds(300))
        #expect(configuration.recipes.retention == .seconds(172_800))
        #expect(configuration.log.format == .json)
        #expect(configuration.log.level == .debug)
    }

    @Test func `secrets come from variables, then from a folder, and are no unknown keys (P7)`() throws {
        let folder = try TemporaryDirectory()
        try "from a file\n".write(toFile: folder.path("TOKEN"), atomically: false, encoding: .utf8)
        try "other".write(toFile: folder.path("OTHER"), atomically: false, encoding: .utf8)
        try "".write(toFile: folder.path("EMPTY"), atomically: false, encoding: .utf8)
        let environment = ["KILN_SECRET_OTHER": "from a variable", "KILN_SECRET_NONE": ""]
        let configuration = try Self.load("secrets: {directory: \(folder.path)}", environment)
        #expect(!configuration.description.contains("from a variable"))
        let secrets = Secrets(environment: environment, directory: configuration.secrets.directory)
        #expect(secrets.value(of: SecretName("TOKEN")) == "from a file")
        #expect(secrets.value(of: SecretName("OTHER")) == "from a variable")
        for name in ["EMPTY", "NONE", "ABSENT", "../TOKEN", ".."] {
            #expect(secrets.value(of: SecretName(name)) == nil, "\(name)")
        }
    }

    @Test func `all problems are reported together, with line or variable (P8)`() throws {
        let yaml = """
            server:
              prot: 80
              port: eighty
              host: 'http://x'
            mail:
              service: smpt
              from: nobody
            smtp:
              host: x
            queue: 3
            limits:
              upload_bytes: 20 mb
              body_time: 30
            log:
              level:
            """
        let environment = [
            "KILN_MAIL_SMPT_HOST": "x", "KILN_STOP_TIME": "", "KILN_SANDBOX_ALLOW_UNSANDBOXED": "yes", "HOME": "/root",
            "KILN_SERVER_TRUSTED_PROXIES": "10.0.0.0/33", "KILN_CONTRACTS": "x",
        ]
        #expect(
            try Self.problems(yaml, environment)
                == [
                    "kiln.yml:2:3 server.prot: there is no key `server.prot`; did you mean `server.port`?",
                    "kiln.yml:3:9 server.port: `eighty` is not a whole number",
                    "kiln.yml:4:9 server.host: `http://x` is not a host",
                    "kiln.yml:6:12 mail.service: does not know `smpt`; did you mean `smtp`?",
                    "kiln.yml:7:9 mail.from: `nobody` is not a sender",
                    "kiln.yml:8:1 smtp: there is no key `smtp`; did you mean `mail.smtp`?",
                    "kiln.yml:10:8 queue: is `3` (a number), but holds keys of its own",
                    "kiln.yml:12:17 limits.upload_bytes: `20 mb` is not a size",
                    "kiln.yml:13:14 limits.body_time: `30` is not a span of time",
                    "kiln.yml:15:9 log.level: has no value",
                    "KILN_MAIL_SMPT_HOST KILN_MAIL_SMPT_HOST: there is no such key; did you mean `KILN_MAIL_SMTP_HOST`?",
                    "KILN_SANDBOX_ALLOW_UNSANDBOXED sandbox.allow_unsandboxed: `yes` is not `true` or `false`",
                    "KILN_SERVER_TRUSTED_PROXIES server.trusted_proxies: `10.0.0.0/33` is not an address or block",
                    "KILN_STOP_TIME stop.time: is empty",
                ])
    }

    @Test func `a malformed value in the file is an error even where a variable wins`() throws {
        #expect(
            try Self.problems("server: {port: x}", ["KILN_SERVER_PORT": "81"])
                == ["kiln.yml:1:16 server.port: `x` is not a whole number"])
    }

    @Test(arguments: [
        ("database: {url: 'postgres://kiln:secret@db/kiln'}", "PostgreSQL is not in this version"),
        ("database: {url: 'mysql://kiln:secret@db/kiln'}", "is not such a URL"),
        ("objects: {url: 's3://bucket'}", "S3 is not in this version"),
        ("server: {public_url: 'kiln.example.org'}", "is not such a URL"),
        ("server: {public_url: 'https://a@b'}", "holds a user's name"),
        ("server: {port: 70000}", "is 70000"),
        ("server: {port: [1, 2]}", "is a list"),
        ("server: {port: {a: 1}}", "is a mapping"),
        ("server: [1]", "is a list, but holds keys of its own"),
        ("server: {port: 1, port: 2}", "stands here a second time"),
        ("server: {port: &a 1}", "anchors"),
        ("- a", "is a list"),
        ("a: [", "not readable as YAML"),
        ("data: {directory: ''}", "is empty"),
        ("data: {directory: \"a\\nb\"}", "holds a control character"),
    ])
    func `what cannot be used is refused`(yaml: String, problem: String) throws {
        let found = try Self.problems(yaml)
        #expect(found.contains { $0.contains(problem) }, "\(found)")
        #expect(!found.contains { $0.contains("secret") })
    }

    @Test func `a file that was named has to be there`() throws {
        let directory = try TemporaryDirectory()
        let gone = directory.path("gone.yml")
        for (file, environment) in [(gone, [:]), (nil, ["KILN_CONFIG": gone])] as [(String?, [String: String])] {
            #expect(throws: ConfigurationProblems.self) {
                try KilnConfiguration.load(file: file, environment: environment)
            }
        }
    }

    @Test func `secrets are in no description, mirror or problem (P7)`() throws {
        let yaml = "mail: {smtp: {username: kiln, password: hunter2}, sendgrid: {key: SG.hunter2}}"
        let configuration = try Self.load(yaml)
        #expect(configuration.mail.smtp.password == "hunter2")
        var dumped = ""
        dump(configuration, to: &dumped)
        dump(configuration.mail, to: &dumped)
        dump(configuration.mail.smtp, to: &dumped)
        let texts = [
            "\(configuration)", String(reflecting: configuration), dumped, "\(configuration.mail)",
            String(reflecting: configuration.mail), "\(configuration.mail.smtp)", "\(configuration.mail.sendgrid)",
            "\(configuration.summary)",
        ]
        for text in texts { #expect(!text.contains("hunter2")) }
        let problems = try Self.problems(
            "database: {url: 'x://hunter2'}", ["KILN_MAIL_SENDGRID_KEY": "hunter2\n", "KILN_OBJECTS_URL": "hunter2"])
        #expect(problems.count == 3)
        for problem in problems { #expect(!problem.contains("hunter2")) }
    }

    @Test func `what is doubtful is a warning`() throws {
        let configuration = try Self.load("server: {host: 0.0.0.0}\nsandbox: {allow_unsandboxed: true}")
        #expect(configuration.warnings.map(\.path) == ["server.public_url", "sandbox.allow_unsandboxed"])
    }
}

/// Every key of the configuration: the one table that reading, the README's table, `kiln help-configuration` and
/// `kiln.example.yml` come from.
enum ConfigurationTable {
    static let keys: [ConfigurationKey] = server + folders + mail + storage + work + signing + providers + limits + rest

    /// Variables that begin with `KILN_` and are no keys.
    static let otherVariables: [(name: String, help: String)] = [
        ("KILN_CONFIG", "The configuration file, where `--config` is not given."),
        ("KILN_SERVER", "The server that `kiln build` asks, where `--server` is not given."),
        ("KILN_SECRET_<name>", "The secret that recipes call `<name>`."),
        ("KILN_CONTRACTS", "For the tests: where recorded answers of outside services lie."),
        ("KILN_BUILDBOT", "For the tests: the folder of Buildbot's programs."),
        ("KILN_MAIL_TOOLS", "For the tests: the folder of Python with the mail server that they start."),
        ("KILN_FAULT", "For the tests: the point at which the process ends as in a crash."),
    ]

    /// Variables that begin so hold the secrets that recipes name.
    static let secretPrefix = "KILN_SECRET_"

    private static let server: [ConfigurationKey] = [
        .init(
            "server.host", .host, default: "127.0.0.1",
            "Address to listen at. Only this machine reaches the default; `0.0.0.0` or `::` opens it to the network."
        ),
        .init("server.port", .integer(0...65535), default: "8080", "Port to listen at; 0 takes a free one."),
        .init(
            "server.public_url", .url(["http", "https"]), note: "`http://localhost:<port>`",
            "What people's browsers and the links in mails use."),
        .init(
            "server.trusted_proxies", .addressRanges, default: "",
            "Addresses and CIDR blocks of reverse proxies whose `X-Forwarded-For` is believed."),
        .init("server.max_connections", .integer(16...1_000_000), default: "4096", "Connections open at once."),
        .init(
            "server.secret_file", .path, note: "`secret` in `data.directory`",
            "The key that signs links; made at the first start."),
    ]

    private static let folders: [ConfigurationKey] = [
        .init("data.directory", .path, default: "data", "Database, artifacts, logs and mail."),
        .init("uploads.directory", .path, default: "uploads", "Received files."),
        .init("recipes.directory", .path, default: "recipes", "The recipes."),
        .init(
            "recipes.retention", .span(.seconds(60)...days(3650)), note: "what each recipe says",
            "How long artifacts, log and uploads are kept after a build's end, for every recipe."),
        .init("templates.directory", .path, default: "templates", "Templates of pages and mails."),
        .init("public.directory", .path, default: "public", "Style sheets, scripts and icons."),
    ]

    private static let storage: [ConfigurationKey] = [
        .init(
            "database.url", .url(["postgres", "postgresql"]), note: "SQLite in `data.directory`", secret: true,
            "A database server; this version has SQLite only."),
        .init(
            "objects.url", .url(["s3"]), note: "files in `data.directory`", secret: true,
            "An object store; this version keeps files on disk only."),
    ]

    private static let work: [ConfigurationKey] = [
        .init("queue.workers", .integer(1...1024), note: "half of the processors", "Local builds under way at once."),
        .init(
            "queue.max_waiting", .integer(1...1_000_000), default: "200",
            "Builds that may wait; more are turned away with 503."),
        .init(
            "sandbox.allow_unsandboxed", .boolean, default: "false",
            "Whether scripts may run without isolation where the kernel refuses it; never where strangers submit."
        ),
        .init(
            "sandbox.first_user", .integer(1000...2_000_000_000), default: "60600",
            "First of the 256 user numbers that runs get where Kiln itself runs as root."),
        .init("sandbox.bubblewrap", .path, default: "/usr/bin/bwrap", "The program that isolates runs."),
        .init(
            "verify.accelerator", .oneOf(KilnConfiguration.Verify.Accelerator.allCases.map(\.rawValue)), default: "tcg",
            "How QEMU boots an image: `tcg` emulates, `kvm` needs /dev/kvm."),
    ]

    private static let signing: [ConfigurationKey] = [
        .init(
            "signing.passphrase", .text, note: "a key file in `data.directory`", secret: true,
            "What the keys that sign apps are encrypted with; losing it is losing them (docs/signing.md)."),
        .init(
            "signing.passphrase_file", .path, note: "none", "A file with the passphrase, instead of the passphrase."),
        .init(
            "signing.old_passphrase", .text, note: "none", secret: true,
            "The passphrase of before: keys are opened with it until `kiln keys rotate` has run."),
        .init("signing.old_passphrase_file", .path, note: "none", "A file with the passphrase of before."),
    ]

    private static let providers: [ConfigurationKey] = [
        .init(
            "secrets.directory", .path, note: "`$CREDENTIALS_DIRECTORY`, else none",
            "A file for each secret that recipes name, as systemd and containers keep them; `KILN_SECRET_<name>` wins."),
        .init(
            "providers.at_once", .integer(1...1_000_000), default: "100",
            "Runs under way at once at each remote provider."),
        .init(
            "providers.triggers_per_minute", .integer(1...100_000), default: "60",
            "Runs that are started in a minute at each remote provider."),
        .init(
            "network.proxy", .url(["http", "https", "socks5", "socks5h"]), note: "none", secret: true,
            "The proxy for calls to CIs; links to files and releases are asked directly. `http_proxy` is not read."),
        .init("network.ca_file", .path, note: "the system's", "Certificates that servers' are checked against."),
        .init(
            "network.allowed", .addressRanges, default: "",
            "Networks that a link from a CI may lead to, beside public addresses."),
    ]

    private static let limits: [ConfigurationKey] = [
        .init(
            "limits.per_source_per_hour", .integer(0...1_000_000), default: "30",
            "Accepted builds of one network address (IPv6: one /64) an hour; 0: no limit."),
        .init(
            "limits.per_address_per_hour", .integer(0...1_000_000), default: "20",
            "Accepted builds for one mail address an hour; 0: no limit."),
        .init(
            "limits.mails_per_hour", .integer(0...10_000_000), default: "0",
            "Mails that are sent in an hour to everybody together; more wait; 0: no limit."),
        .init(
            "limits.confirmations_per_address_per_hour", .integer(0...1_000_000), default: "3",
            "Mails an hour that ask one address to confirm a build; 0: no limit."),
        .init(
            "limits.confirmations_per_source_per_hour", .integer(0...1_000_000), default: "10",
            "The same, caused by one network address (IPv6: one /64); 0: no limit."),
        .init(
            "limits.upload_bytes", .size(1 << 20...1 << 40), default: "256 MiB",
            "Largest submission, all files together."),
        .init("limits.header_time", .span(.seconds(1)...days(1)), default: "10s", "Until a request's head is here."),
        .init("limits.body_time", .span(.seconds(1)...days(1)), default: "30m", "Until a request's body is here."),
        .init(
            "limits.idle_time", .span(.seconds(1)...days(1)), default: "60s",
            "How long a connection may be silent between requests."),
        .init(
            "limits.min_bytes_per_second", .integer(0...1 << 30), default: "1024",
            "Least rate of a body and of a reader of an answer; 0: none."),
    ]

    private static let rest: [ConfigurationKey] = [
        .init(
            "log.format", .oneOf(KilnConfiguration.Log.Format.allCases.map(\.rawValue)), default: "text",
            "Lines for people, or one JSON object a line."),
        .init(
            "log.level", .oneOf(KilnConfiguration.Log.levels), default: "info",
            "The least serious lines that are written."),
        .init(
            "stop.time", .span(.seconds(1)...days(1)), default: "30s",
            "How long answers and builds may go on after a request to stop."),
    ]

    private static func days(_ number: Int) -> Duration { .seconds(number * 86400) }
}

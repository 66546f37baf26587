/// Values to try every key of the configuration with.
enum ConfigurationSamples {
    /// Two for every key, as they are shown.
    static let values: [String: (String, String)] = [
        "server.host": ("0.0.0.0", "localhost"), "server.port": ("80", "81"),
        "server.public_url": ("https://a.example", "http://b.example:81/kiln"),
        "server.trusted_proxies": ("10.0.0.1", "10.0.0.0/8, ::1"), "server.max_connections": ("16", "17"),
        "signing.passphrase": ("first passphrase", "second one"), "signing.passphrase_file": ("a", "b"),
        "signing.old_passphrase": ("first passphrase", "second one"), "signing.old_passphrase_file": ("a", "b"),
        "server.secret_file": ("a", "b"), "data.directory": ("a", "b"), "uploads.directory": ("a", "b"),
        "recipes.directory": ("a", "b"), "recipes.retention": ("2d", "1h"), "templates.directory": ("a", "b"),
        "public.directory": ("a", "b"), "mail.service": ("none", "maildir"),
        "mail.from": ("a@b.example", "Kiln <kiln@b.example>"), "mail.confirm": ("true", "false"),
        "mail.reply_to": ("a@b.example", "Help <help@b.example>"), "mail.language": ("de", "zh-Hans"),
        "mail.confirm_time": ("1h", "2d"), "mail.confirm_memory": ("30d", "10d"),
        "mail.bounce_address": ("bounces@b.example", "back@b.example"), "mail.bounce_token": ("a", "b"),
        "mail.maildir.directory": ("a", "b"), "mail.sendgrid.key": ("a", "b"),
        "mail.sendgrid.base_url": ("http://a", "https://b"), "mail.sendgrid.webhook_key": ("a", "b"),
        "mail.fallback.service": ("none", "smtp"), "mail.fallback_after": ("1", "2"),
        "mail.dkim.domain": ("a.example", "b.example"), "mail.dkim.selector": ("a", "b"),
        "mail.dkim.key_file": ("a", "b"), "mail.per_domain_per_minute": ("0", "1"),
        "mail.per_domain_at_once": ("0", "1"), "queue.workers": ("1", "2"),
        "queue.max_waiting": ("1", "2"), "sandbox.allow_unsandboxed": ("true", "false"),
        "secrets.directory": ("/etc/kiln/secrets", "/run/credentials"), "providers.at_once": ("20", "30"),
        "providers.triggers_per_minute": ("10", "11"), "network.proxy": ("http://proxy:3128", "socks5h://proxy:1080"),
        "network.ca_file": ("/etc/kiln/ca.pem", "/etc/ssl/ca.pem"),
        "network.allowed": ("10.0.0.0/8", "192.168.0.0/16"),
        "sandbox.first_user": ("2000", "3000"), "sandbox.bubblewrap": ("a", "b"), "verify.accelerator": ("kvm", "tcg"),
        "limits.per_source_per_hour": ("0", "1"), "limits.per_address_per_hour": ("0", "1"),
        "limits.mails_per_hour": ("0", "1"), "limits.confirmations_per_address_per_hour": ("0", "1"),
        "limits.confirmations_per_source_per_hour": ("0", "1"),
        "limits.upload_bytes": ("2 MiB", "3 GiB"), "limits.header_time": ("1s", "2s"), "limits.body_time": ("1s", "2s"),
        "limits.idle_time": ("1s", "2s"), "limits.min_bytes_per_second": ("0", "1"), "log.format": ("json", "text"),
        "log.level": ("trace", "error"), "stop.time": ("1s", "2s"),
    ].merging(account("mail.smtp") + account("mail.fallback.smtp")) { first, _ in first }

    private static func account(_ section: String) -> [(String, (String, String))] {
        [
            ("host", ("a", "b")), ("port", ("1", "2")), ("username", ("a", "b")), ("password", ("a", "b")),
            ("encryption", ("ssl", "none")), ("ca_file", ("a", "b")), ("auth", ("auto", "login")),
            ("hello_name", ("a.example", "b.example")), ("connections", ("1", "2")),
        ].map { ("\(section).\($0)", $1) }
    }

    /// What a key needs beside it, to be set by variables.
    static func companions(_ path: String) -> [String: String] {
        switch path {
        case "mail.fallback.service": return ["KILN_MAIL_FALLBACK_SMTP_HOST": "x"]
        case "mail.dkim.domain": return ["KILN_MAIL_DKIM_SELECTOR": "x", "KILN_MAIL_DKIM_KEY_FILE": "x"]
        case "mail.dkim.selector": return ["KILN_MAIL_DKIM_DOMAIN": "x", "KILN_MAIL_DKIM_KEY_FILE": "x"]
        case "mail.dkim.key_file": return ["KILN_MAIL_DKIM_DOMAIN": "x", "KILN_MAIL_DKIM_SELECTOR": "x"]
        default: break
        }
        let parts = path.split(separator: ".")
        guard parts.contains("smtp") else { return [:] }
        let account = "KILN_" + parts.dropLast().joined(separator: "_").uppercased()
        return switch parts.last {
        case "username": ["\(account)_PASSWORD": "x"]
        case "password": ["\(account)_USERNAME": "x"]
        case "auth": ["\(account)_USERNAME": "x", "\(account)_PASSWORD": "x"]
        default: [:]
        }
    }
}

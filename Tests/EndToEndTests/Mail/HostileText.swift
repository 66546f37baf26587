/// What somebody writes into a form who wants to write into a mail's header, or into somebody else's mail.
enum HostileText {
    static let host = "evil.example"

    static let texts: [String] = [
        "Ada\r\nBcc: eve@evil.example",
        "Ada\nBcc: eve@evil.example",
        "Ada\rBcc: eve@evil.example",
        "Ada\r\n Bcc: eve@evil.example",
        "Ada\r\n\r\n<h1>Another body</h1>",
        "Ada\u{2028}Bcc: eve@evil.example",
        "Ada\u{85}Bcc: eve@evil.example",
        "Ada\0Bcc: eve@evil.example",
        "=?utf-8?Q?Ada=0D=0ABcc:_eve@evil.example?=",
        "=?utf-8?B?DQpCY2M6IGV2ZUBldmlsLmV4YW1wbGU=?=",
        "Ada%0d%0aBcc: eve@evil.example",
        "https://evil.example/login",
        "<a href=\"https://evil.example/\">here</a><img src=\"https://evil.example/p.gif\">",
        "{{email}} {{{name}}} {{#each}}",
        "Ada\u{202E}gpj.exe\u{202C}",
        "\r\n.\r\nMAIL FROM:<eve@evil.example>\r\nRCPT TO:<eve@evil.example>\r\n",
    ]

    static func addresses(of name: String) -> [String] {
        [
            "\(name)@example.org\r\nBcc: eve@evil.example",
            "\(name)@example.org, eve@evil.example",
            "\(name)@example.org> RCPT TO:<eve@evil.example",
            "\"\(name)\r\nBcc: eve\"@example.org",
            "\(name)@example.org\0",
            "\(name)@example.org\u{2028}",
            "Ada <\(name)@example.org>",
            "\(name)@example.org SIZE=1",
        ]
    }
}

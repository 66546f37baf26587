/// `Content-Disposition` (RFC 6266) for a name that is already safe as a file name.
enum Disposition {
    static func attachment(_ name: String) -> String { header("attachment", name) }
    static func inline(_ name: String) -> String { header("inline", name) }

    private static func header(_ kind: String, _ name: String) -> String {
        let plain = name.unicodeScalars.map { scalar -> Character in
            scalar.isASCII && scalar.value > 0x20 && scalar != "\"" && scalar != "\\" && scalar.value < 0x7F
                ? Character(scalar) : "_"
        }
        return "\(kind); filename=\"\(String(plain))\"; filename*=UTF-8''\(SiteMap.escaped(name))"
    }
}

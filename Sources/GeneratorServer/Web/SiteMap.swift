import Domain

/// The one place that builds URLs. Paths are relative to the host; `absolute` puts the public origin before one, for mails
/// and programs.
struct SiteMap: Sendable, Hashable {
    /// `https://kiln.example`, without a slash at the end.
    let publicURL: String
    /// `host[:port]` of the public URL, in lower case.
    let authority: String
    let isSecure: Bool

    init(publicURL: String) {
        var url = publicURL[...]
        while url.hasSuffix("/") { url.removeLast() }
        self.publicURL = String(url)
        isSecure = url.lowercased().hasPrefix("https://")
        let start = url.firstRange(of: "://")?.upperBound
        authority = start.map { url[$0...].prefix { $0 != "/" }.lowercased() } ?? url.lowercased()
    }

    func absolute(_ path: String) -> String { publicURL + path }

    // MARK: Pages

    let home = "/"

    func recipe(_ id: RecipeID) -> String { "/recipes/\(id)" }
    func recipePicture(_ id: RecipeID) -> String { "/recipes/\(id)/picture" }

    /// Where a form is posted to; the key makes posting it twice one build.
    func submit(_ id: RecipeID, key: String? = nil) -> String {
        "/recipes/\(id)/builds" + (key.map { "?_submission=\(Self.escaped($0))" } ?? "")
    }

    func build(_ id: BuildID) -> String { "/builds/\(id)" }
    func events(_ id: BuildID) -> String { "/builds/\(id)/events" }
    func log(_ id: BuildID) -> String { "/builds/\(id)/log" }
    func cancel(_ id: BuildID) -> String { "/builds/\(id)/cancel" }
    func rebuild(_ id: BuildID) -> String { "/builds/\(id)/rebuild" }
    func now(_ id: BuildID) -> String { "/now?build=\(id)" }
    func artifact(_ name: String, of id: BuildID) -> String { "/builds/\(id)/artifacts/\(Self.escaped(name))" }
    func upload(_ capability: String, name: String) -> String { "/uploads/\(capability)/\(Self.escaped(name))" }
    /// What one attempt's run is given: `build.json`, `inputs.tar.gz`.
    func folder(_ capability: String) -> String { "/uploads/\(capability)" }
    func bundle(_ capability: String) -> String { folder(capability) + "/" + JobRoutes.bundleName }
    func callback(_ id: BuildID) -> String { "/builds/\(id)/callback" }

    // MARK: Mails

    /// Has the mail sent again that asks to confirm a build.
    func confirmation(_ id: BuildID) -> String { "/builds/\(id)/confirmation" }
    func confirm(_ capability: String) -> String { "/confirm/\(capability)" }
    func disown(_ capability: String) -> String { confirm(capability) + "/disown" }
    /// The page that asks whether it was not the reader, and presses no button by itself.
    func notMe(_ capability: String) -> String { confirm(capability) + "?not-me" }
    let disowned = "/confirm/disowned"
    func stopMails(_ capability: String) -> String { "/mail/stop/\(capability)" }
    let stoppedMails = "/mail/stopped"

    // MARK: Beside these

    let status = "/status"

    // MARK: For programs

    func apiRecipe(_ id: RecipeID) -> String { "/api/v1/recipes/\(id)" }
    func apiBuild(_ id: BuildID) -> String { "/api/v1/builds/\(id)" }
    /// Of the old app generator's API.
    func generatorDownload(_ id: BuildID) -> String { "\(GeneratorRefusal.prefix)app/\(id)/download" }

    /// A path segment or query value, percent-encoded down to RFC 3986's unreserved characters.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                escaped += byte < 16 ? "%0" : "%"
                escaped += String(byte, radix: 16, uppercase: true)
            }
        }
        return escaped
    }
}

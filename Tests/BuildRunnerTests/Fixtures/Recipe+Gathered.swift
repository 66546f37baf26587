import BuildRunner
import Crypto
import Curl
import Domain
import Foundation
import Sandbox
import Storage
import TestSupport

extension FieldName {
    static let endpoint = FieldName(unchecked: "endpoint")
    static let fetched = FieldName(unchecked: "fetched")
}

extension Recipe {
    /// The sample with an address to fetch from and a script that checks.
    static func gathered(
        time: Duration = .seconds(600), maxPictures: Int = 20, maxBytes: Int64 = 4 << 20, maxAttempts: Int = 3
    ) -> Recipe {
        let endpoint = Field(name: .endpoint, label: "Address", kind: .url)
        var recipe = Recipe.sample(fields: Field.sampleFields + [endpoint], maxAttempts: maxAttempts)
        recipe.check = CheckStep(
            script: "check.py", uses: [.sampleName, .endpoint], tools: ["python3"], limits: recipe.build.limits)
        recipe.fetch = FetchStep(
            from: .endpoint, into: .fetched,
            documents: [
                FetchStep.Document(path: "/event", name: "event", isRequired: true),
                FetchStep.Document(path: "/sessions/types", name: "types", isRequired: false),
            ],
            maxDocumentBytes: 1 << 20, maxPictures: maxPictures, maxPictureBytes: 1 << 20, maxBytes: maxBytes,
            time: time)
        return recipe
    }

    /// Reads `event` of what was fetched: `{"title": ..., "pictures": [url, ...]}`. The field `name` steers it too.
    static let checkScript = #"""
        #!/usr/bin/python3
        import json, os, sys, time, zipfile
        inputs, out = os.environ["KILN_INPUTS"], os.environ["KILN_OUT"]
        problems, pictures, notes = [], [], []
        with open(f"{inputs}/fields/name") as file:
            name = file.read()
        if name == "die":
            print("error: out of luck", file=sys.stderr)
            sys.exit(3)
        if name == "sleep":
            time.sleep(600)
        if name == "wrong":
            problems.append({"field": "name", "where": "letters[0]", "message": "It\u0007 is\u202e wrong",
                             "mend": "Take another"})
            problems.append({"field": "email", "message": "Not seen: " + str(os.path.exists(f"{inputs}/fields/email"))})
            problems.append({"field": "nothing", "message": "Of the whole"})
        if name == "many":
            problems = [{"field": "name", "message": f"number {n}"} for n in range(80)]
        if name == "picture":
            pictures.append({"url": open(f"{inputs}/fields/endpoint").read() if os.path.exists(
                f"{inputs}/fields/endpoint") else "http://127.0.0.1:1/x.png", "name": "x.bin"})
        fetched = f"{inputs}/files/fetched"
        if os.path.exists(fetched):
            archive = zipfile.ZipFile(fetched)
            facts = json.loads(archive.read("fetched.json"))
            assert facts["documents"][0]["name"] == "event"
            try:
                event = json.loads(archive.read("documents/event"))
                if "title" not in event:
                    problems.append({"field": "endpoint", "where": "event", "message": "There is no title",
                                     "mend": "Give it one."})
                notes += event.get("notes", [])
                for number, url in enumerate(event.get("pictures", [])):
                    pictures.append({"url": url, "name": f"{number:02}.bin"})
            except ValueError as error:
                problems.append({"field": "endpoint", "where": "event", "message": "This is no JSON"})
        if name == "broken":
            findings = "{\"problems\": ["
        elif name == "twice":
            findings = json.dumps({"pictures": [{"url": "http://a.example/", "name": "a"}] * 2})
        else:
            findings = json.dumps({"problems": problems, "pictures": pictures, "notes": notes})
        if name == "link":
            os.symlink("/etc/passwd", f"{out}/findings.json")
        elif name != "silent":
            with open(f"{out}/findings.json", "w") as file:
                file.write(findings)
        """#
}

extension Kiln {
    static let gatherScripts = ["build.sh": greeting, "check.py": Recipe.checkScript]

    func check(_ settings: SubmissionCheck.Settings = SubmissionCheck.Settings()) -> SubmissionCheck {
        let uploads = directory.path("uploads")
        return SubmissionCheck(
            sandbox: SandboxSettings(), prepared: prepared, uploadPath: { "\(uploads)/\($0)" },
            scratch: directory.path("checks"), clock: clock, settings: settings)
    }

    /// - Parameters:
    ///   - allowed: networks that are reached beside public ones.
    ///   - keep: instead of keeping what was fetched in the uploads' folder.
    func gathering(
        allowing allowed: [String] = ["127.0.0.1/32"], keep: (@Sendable (String) throws -> Gathering.Kept)? = nil
    ) -> Gathering {
        let (uploads, clock) = (directory.path("uploads"), clock)
        return Gathering(
            transfers: HTTPTransfers(TransferSettings(userAgent: "Kiln", allowedNetworks: allowed)), check: check(),
            keep: { path in
                if let keep { return try keep(path) }
                var generator = SystemRandomNumberGenerator()
                let id = UploadID.make(at: clock.now(), using: &generator)
                let bytes = try Data(contentsOf: URL(filePath: path))
                try bytes.write(to: URL(filePath: "\(uploads)/\(id)"))
                let digest = SHA256.hash(data: bytes).map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined()
                return Gathering.Kept(id: id, bytes: Int64(bytes.count), sha256: digest)
            }, retryPause: .zero)
    }

    /// A workshop that fetches.
    func gatheringShop(
        _ provider: (any BuildProvider)? = nil, clock: (any WallClock)? = nil, faults: FaultPoints = .none,
        allowing allowed: [String] = ["127.0.0.1/32"]
    ) throws -> Workshop {
        var shop = try shop(provider, clock: clock, faults: faults)
        shop.gathering = gathering(allowing: allowed)
        return shop
    }

    func submit(name: String = "Ada", fetching endpoint: String) async throws -> BuildID {
        try await submit(name: name, more: [InputValue(field: .endpoint, content: .text(endpoint))])
    }

    /// Files in the uploads' folder that no upload of a build accounts for.
    func strayUploads() async throws -> Set<UploadID> {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path("uploads"))
        let ids = names.compactMap { UploadID($0) }
        return Set(ids).subtracting(try await store.knownUploads(among: ids))
    }
}

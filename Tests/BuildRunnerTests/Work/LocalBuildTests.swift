import BuildRunner
import Crypto
import Domain
import Foundation
import Sandbox
import Storage
import TestSupport
import Testing

/// Builds from the queue to their end, by real scripts in the real sandbox.
@Suite(.timeLimit(.minutes(2)))
struct LocalBuildTests {
    @Test
    func `A build runs, and its file is stored with the checksum of the stored bytes (P9)`() async throws {
        let kiln = try await Kiln()
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop()) { try await kiln.ended(id) }

        #expect(build.state == .succeeded)
        let artifact = try #require(build.artifacts.first)
        let bytes = try await kiln.content("hello.txt", of: id)
        #expect(String(decoding: bytes, as: UTF8.self) == "Hello Ada\n")
        #expect(artifact.bytes == 10 && artifact.contentType == "text/plain" && artifact.role == .product)
        #expect(artifact.sha256 == SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined())
        #expect(try await kiln.log(id) == "==> 50 writing\n")
        #expect(try await kiln.store.deliveries(of: id).map(\.kind) == [.succeeded])
        #expect(build.runs.count == 1)
    }

    @Test
    func `Nothing is left of a run whose build has ended`() async throws {
        let kiln = try await Kiln()
        let id = try await kiln.submit()
        try await kiln.working(try kiln.shop()) {
            _ = try await kiln.ended(id)
            try await until { try await kiln.runs.list().isEmpty }
        }
        #expect(try await kiln.runs.list().isEmpty)
    }

    @Test
    func `Values reach the script as bytes, and are executed nowhere (P5)`() async throws {
        let values = [
            "$(id)", "`id`", "'; touch \"$KILN_OUT/owned\"; '", "\"quoted\"", "-rf", "a\nb\n", "../../etc/passwd",
            "😀 مرحبا",
            "%s%n", "$KILN_OUT", "",
        ]
        let kiln = try await Kiln(
            scripts: [
                "build.sh": "#!/bin/sh\ncp \"$KILN_INPUTS/fields/name\" \"$KILN_OUT/name.txt\"\nls \"$KILN_OUT\"\n"
            ])
        var ids: [BuildID] = []
        for value in values { ids.append(try await kiln.submit(name: value)) }
        let waiting = ids
        try await kiln.working(try kiln.shop()) { for id in waiting { _ = try await kiln.ended(id) } }
        for (id, value) in zip(ids, values) {
            #expect(try await kiln.content("name.txt", of: id) == Array(value.utf8))
            #expect(try await kiln.log(id) == "name.txt\n")
        }
    }

    @Test
    func `A script sees its own inputs, the recipe and no private field (P4, P7)`() async throws {
        let kiln = try await Kiln(
            scripts: [
                "build.sh": """
                #!/bin/sh
                cp "$KILN_INPUTS/build.json" "$KILN_OUT/build.txt"
                cat "$KILN_RECIPE_DIR/art/motto" "$KILN_INPUTS/files/picture"
                ls "$KILN_INPUTS/fields"
                cat "$KILN_INPUTS/fields/tags"; printf .
                env | grep -c example.org
                pwd
                """, "art/motto": "fired\n",
            ])
        var generator = SystemRandomNumberGenerator()
        let upload = UploadID.make(at: kiln.clock.now(), using: &generator)
        #expect(write(Array("pixels\n".utf8), to: kiln.directory.path("uploads/\(upload)")))
        let picture = FieldName(unchecked: "picture")
        kiln.recipe = .sample(
            fields: Field.sampleFields + [
                Field(name: picture, label: "Picture", kind: .file(FileRule(accept: [], maxBytes: 100)))
            ])
        let tags = FieldName(unchecked: "tags")
        let unused = FieldName(unchecked: "unused")
        kiln.recipe.fields += [
            Field(name: tags, label: "Tags", kind: .multichoice([], default: [])),
            Field(name: unused, label: "Unused", kind: .toggle(default: false)),
        ]
        kiln.recipe.build.uses += [picture, tags, .sampleEmail]
        let id = try await kiln.submit(more: [
            InputValue(field: tags, content: .choices(["a", "b"])), InputValue(field: unused, content: .toggle(true)),
            InputValue(
                field: picture,
                content: .upload(
                    Upload(
                        id: upload, name: "me.png", contentType: "text/plain", bytes: 7, sha256: "s",
                        receivedSHA256: "r"))),
        ])
        let build = try await kiln.working(try kiln.shop()) { try await kiln.ended(id) }
        #expect(build.state == .succeeded)
        #expect(try await kiln.log(id) == "fired\npixels\nname\ntags\na\nb.0\n/kiln/work\n")
        let json = try await kiln.content("build.txt", of: id)
        let document = try #require(try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
        #expect(document["id"] as? String == id.text)
        let inputs = try #require(document["inputs"] as? [String: Any])
        #expect(inputs.keys.sorted() == ["name", "tags"] && inputs["name"] as? String == "Ada")
        let uploads = try #require(document["uploads"] as? [String: [String: Any]])
        #expect(uploads["picture"]?["name"] as? String == "me.png")
    }

    @Test(arguments: ["i386", nil] as [String?]) func `A script is told which target of a matrix it is to make`(
        target: String?
    ) async throws {
        let kiln = try await Kiln(
            scripts: [
                "build.sh": """
                #!/bin/sh
                cp "$KILN_INPUTS/build.json" "$KILN_OUT/build.txt"
                ls "$KILN_INPUTS"
                if [ -e "$KILN_INPUTS/target" ]; then cat "$KILN_INPUTS/target"; fi
                """
            ])
        let id = try await kiln.submit(target: target)
        _ = try await kiln.working(try kiln.shop()) { try await kiln.ended(id) }
        #expect(
            try await kiln.log(id) == "build.json\nfields\nfiles\n" + (target.map { "target\n\($0)\n" } ?? ""))
        let json = try await kiln.content("build.txt", of: id)
        let document = try #require(try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
        #expect(document["target"] as? String == target)
    }

    @Test(arguments: [
        (
            "echo working; echo 'error: no clay left' >&2; exit 3", Failure.Kind.build, "no clay left" as String?,
            "(exit code 3)"
        ),
        ("echo 'error: that name is taken'; exit 65", .input, "that name is taken", "cannot be built"),
        ("kill -SEGV $$", .build, nil, "signal 11"),
    ])
    func `A script that fails ends the build with its first real error line`(
        script: String, kind: Failure.Kind, line: String?, words: String
    ) async throws {
        let kiln = try await Kiln(scripts: ["build.sh": "#!/bin/sh\n\(script)\n"])
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop()) { try await kiln.ended(id) }
        let failure = try #require(build.failure)
        #expect(failure.kind == kind)
        #expect(failure.errorLine == line)
        #expect(failure.message.contains(words))
        #expect(build.runs.count == 1)
        #expect(try await kiln.store.deliveries(of: id).map(\.kind) == [.failed])
    }

    @Test
    func `A script that hangs is ended at its limit`() async throws {
        let kiln = try await Kiln(scripts: ["build.sh": "#!/bin/sh\nexec sleep 600\n"])
        kiln.recipe.build.limits.time = .seconds(1)
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop()) { try await kiln.ended(id) }
        #expect(build.failure?.kind == .timeout)
        #expect(build.failure?.message == "The build took longer than its limit of 1 second.")
    }

    @Test
    func `Addresses and secrets are not in a stored log (P7)`() async throws {
        let kiln = try await Kiln(
            scripts: [
                "build.sh": """
                #!/bin/sh
                echo "to Ada@Example.org with tok-12345678"
                printf 'tok-1234'; sleep 0.1; printf '5678\\n'
                echo "error: token tok-12345678 refused for ada%40example.org"
                exit 1
                """
            ])
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop(secrets: ["tok-12345678"])) { try await kiln.ended(id) }
        let log = try await kiln.log(id)
        #expect(log.contains("to [address] with [secret]\n[secret]\n"))
        #expect(!log.lowercased().contains("example.org") && !log.contains("5678"))
        #expect(build.failure?.errorLine == "token [secret] refused for [address]")
    }

    @Test(arguments: [
        ("true", "made no file that matches `*.txt`"),
        ("head -c 2000000 /dev/zero > $KILN_OUT/a.txt", "at most 1 MiB"),
        ("echo '<html><body>x</body></html>' > $KILN_OUT/a.txt", "it has to be"),
        ("ln -s /etc/passwd $KILN_OUT/a.txt", "made no file"),
        ("echo x > $KILN_OUT/-a.txt", "name cannot be used"),
    ])
    func `What a run leaves has to be what the recipe promises`(script: String, words: String) async throws {
        let kiln = try await Kiln(scripts: ["build.sh": "#!/bin/sh\n\(script)\n"])
        kiln.recipe.artifacts = [ArtifactRule(match: "*.txt", contentType: "text/plain", maxBytes: 1 << 20)]
        let id = try await kiln.submit()
        let build = try await kiln.working(try kiln.shop()) { try await kiln.ended(id) }
        #expect(build.failure?.kind == .build)
        #expect(build.failure?.message.contains(words) == true, "\(build.failure?.message ?? "no failure")")
        #expect(build.artifacts.isEmpty)
    }

    @Test
    func `Phases are told while the run goes on`() async throws {
        let kiln = try await Kiln(
            scripts: ["build.sh": "#!/bin/sh\necho '==> 50 half'\nexec sleep 600\n"])
        let id = try await kiln.submit()
        try await kiln.working(try kiln.shop()) {
            let halfway = try await kiln.build(id) {
                if case .running(_, .some) = $0.state { true } else { false }
            }
            guard case .running(_, let phase) = halfway.state else { return }
            #expect(phase == Phase(label: "Halfway", percent: 50))
            #expect(try await kiln.log(id) == "==> 50 half\n")
            _ = try await kiln.store.apply(
                .cancelled, to: id, policy: BuildPolicy(maxAttempts: 1), lease: nil, at: kiln.clock.now())
            try await until { try await kiln.runs.list().isEmpty }
        }
        #expect(try await kiln.store.build(id)?.state == .cancelled)
        #expect(try await kiln.store.deliveries(of: id).map(\.kind) == [.cancelled])
    }

    @Test
    func `A run whose supervisor was killed is tried again, and only so often`() async throws {
        let kiln = try await Kiln(
            recipe: .sample(maxAttempts: 2), scripts: ["build.sh": "#!/bin/sh\necho up\nexec sleep 600\n"])
        let id = try await kiln.submit()
        try await kiln.working(try kiln.shop()) {
            for attempt in 1...2 {
                let running = try await kiln.build(id) { $0.state.run?.attempt.number == attempt }
                let key = try #require(running.state.run?.id)
                let started = try Data(contentsOf: kiln.directory.url.appending(path: "runs/\(key)/started.json"))
                let object = try JSONSerialization.jsonObject(with: started) as? [String: Any]
                kill(pid_t(try #require(object?["supervisor"] as? Int)), SIGKILL)
                try await kiln.build(id) { $0.state.run?.id != key }
                kiln.clock.advance(by: .seconds(10))
            }
        }
        let build = try await kiln.ended(id)
        #expect(build.failure?.kind == .infrastructure)
        #expect(build.runs.map(\.attempt.number) == [1, 2])
        #expect(try await kiln.store.deliveries(of: id).count == 1)
    }
}

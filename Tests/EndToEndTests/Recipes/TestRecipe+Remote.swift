extension TestRecipe {
    /// Built by the builders of `Tests/Buildbot/jobs.py`, whose job says what each mode does.
    ///
    /// - Parameters:
    ///   - id: several may go to one Buildbot.
    ///   - build: more keys of the build step.
    static func remote(
        _ id: String = "remote", at buildbot: String, builder: String = "job", interval: String = "1s",
        build: [String] = []
    ) -> TestRecipe {
        TestRecipe(
            id: id,
            files: [
                "recipe.yml": """
                id: \(id)
                title: Remote
                summary: A text file that a CI makes.
                fields:
                  - {name: email, type: email, label: Your address, required: true, private: true}
                  - {name: name, type: text, label: Name, required: true, max_length: 40}
                  - name: mode
                    type: choice
                    label: Mode
                    default: plain
                    choices: [plain, hold, fail, secrets, report, complain, flood]
                  - {name: lasts, type: number, label: Seconds, default: 0, min: 0, max: 60}
                  - name: targets
                    type: multichoice
                    label: For
                    required: true
                    choices: [amd64, i386]
                    default: [amd64]
                  - {name: data, type: file, label: Data, accept: [text/plain], max_bytes: 1 MiB}
                build:
                  provider: buildbot
                  buildbot: {url: "\(buildbot)", scheduler: job, builder: \(builder), user: ci, password: BUILDBOT}
                  parameters:
                    - {name: NAME, value: "{{name}}"}
                    - {name: MODE, value: "{{mode}}"}
                    - {name: LASTS, value: "{{lasts}}"}
                    - {name: TARGET, value: "{{kiln.target}}"}
                  limits: {time: 120s, log: 1 MiB}
                \(build.map { "  " + $0 }.joined(separator: "\n"))
                watch:
                  interval: \(interval)
                  phases:
                    - {match: '^==> 20 ', label: Compiling, percent: 20}
                    - {match: '^==> 80 ', label: Packing, percent: 80}
                artifacts:
                  - {match: image.txt, content_type: text/plain, max_bytes: 1 MiB}
                retention: 1h
                """,
                "build.sh": #"""
                #!/bin/sh
                set -eu
                echo "run starts"
                printf 'An image for %s (local)\n' "$(cat "$KILN_INPUTS/fields/name")" > "$KILN_OUT/image.txt"
                """#,
            ])
    }
}

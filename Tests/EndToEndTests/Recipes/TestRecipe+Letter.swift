extension TestRecipe {
    /// A product small enough to be attached, whose mail has all that a mail can have; its subject is the requester's.
    static let letter = TestRecipe(
        id: "letter",
        files: [
            "recipe.yml": """
            id: letter
            title: A letter
            summary: Many numbers, packed, and a note.
            fields:
              - {name: email, type: email, label: Your address, required: true, private: true}
              - {name: name, type: text, label: Name, required: true, max_length: 2000}
              - {name: essay, type: text, label: Essay, multiline: true, max_length: 20000}
              - {name: homepage, type: url, label: Homepage}
              - {name: count, type: number, label: Count, default: 1, min: 0, max: 60}
              - {name: colours, type: multichoice, label: Colours, choices: [red, green, blue]}
              - {name: loud, type: toggle, label: Loud}
              - {name: mode, type: choice, label: Mode, default: ok, choices: [ok, fail, flood]}
              - name: wallpaper
                type: image
                label: Wallpaper
                accept: [image/png]
                max_bytes: 1 MiB
                image: {max_pixels: 1000000, width: 32, height: 32, fit: cover, format: png}
              - {name: data, type: file, label: Data, accept: [text/plain], max_bytes: 1 MiB}
              - {name: files, type: archive, label: Files, max_bytes: 1 MiB, archive: {max_entries: 10, max_unpacked_bytes: 1 MiB}}
            build:
              script: build.sh
              uses: [name, essay, homepage, count, colours, loud, mode, wallpaper, data, files]
              limits: {time: 60s, cpu: 20s, memory: 256 MiB, processes: 64, output: 16 MiB, log: 1 MiB}
            watch:
              errors: ['^error: (.*)']
            artifacts:
              - {match: numbers.gz, content_type: application/gzip, max_bytes: 4 MiB}
            verify:
              script: verify.sh
              picture: seen.png
              limits: {time: 60s}
            retention: 1h
            mail: {subject_success: '{{name}} is ready', subject_failure: '{{name}} could not be built', attach: 2 MiB}
            """,
            "build.sh": #"""
            #!/bin/sh
            set -eu
            echo "run starts"
            case $(cat "$KILN_INPUTS/fields/mode") in
                fail) echo "error: the ink is dry <b>&amp;</b>" >&2; exit 3 ;;
                flood) i=0; while [ $i -lt 4000 ]; do echo "line $i of the log, and it goes on"; i=$((i + 1)); done
                       echo "error: too much ink" >&2; exit 3 ;;
            esac
            seq 1 150000 | gzip -n > "$KILN_OUT/numbers.gz"
            """#,
            "verify.sh": #"""
            #!/bin/sh
            set -eu
            gzip -t "$KILN_ARTIFACTS/numbers.gz"
            base64 -d "$KILN_RECIPE_DIR/seen.base64" > "$KILN_OUT/seen.png"
            """#,
            "seen.base64": quick.files["seen.base64"] ?? "",
        ])

    static func letter(named name: String, to address: String, _ more: [(String, String)] = []) -> Form {
        Form([("email", address), ("name", name)] + more)
    }
}

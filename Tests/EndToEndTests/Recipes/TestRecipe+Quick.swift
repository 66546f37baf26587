extension TestRecipe {
    /// A text file with what was asked for, in a fraction of a second; misbehaves as `mode` says, for `seconds`.
    static let quick = TestRecipe(
        id: "quick",
        files: [
            "recipe.yml": """
            id: quick
            title: Quick
            summary: A text file that says what was asked for.
            order: 1
            fields:
              - {name: email, type: email, label: Your address, required: true, private: true}
              - {name: name, type: text, label: Name, help: Any name will do., required: true, min_length: 1, max_length: 20}
              - {name: homepage, type: url, label: Homepage}
              - name: mode
                type: choice
                label: Mode
                default: ok
                choices: [ok, fail, input, hang, flood, fork, disk, crash, none, badverify]
              - {name: seconds, type: number, label: Seconds, default: 0, min: 0, max: 60, integer: true}
              - {name: colours, type: multichoice, label: Colours, choices: [red, green, blue]}
              - {name: loud, type: toggle, label: Loud}
              - {name: essay, type: text, label: Essay, multiline: true, max_length: 5000}
              - {name: code, type: text, label: Code, pattern: "[A-Z]{3}", pattern_hint: three capital letters}
              - name: wallpaper
                type: image
                label: Wallpaper
                accept: [image/png, image/jpeg, image/webp]
                max_bytes: 8 MiB
                image: {max_pixels: 50000000, width: 320, height: 200, fit: cover, format: png}
              - name: files
                type: archive
                label: Files
                max_bytes: 8 MiB
                archive: {max_entries: 100, max_unpacked_bytes: 20 MiB}
              - {name: data, type: file, label: Data, accept: [text/plain], max_bytes: 100 MiB}
            build:
              script: build.sh
              uses: [name, homepage, mode, seconds, colours, loud, essay, code, wallpaper, files, data]
              limits: {time: 20s, cpu: 8s, memory: 256 MiB, processes: 64, output: 16 MiB, log: 64 KiB}
            watch:
              phases:
                - {match: '^==> 10 ', label: Reading what was asked for, percent: 10}
                - {match: '^==> 60 ', label: Writing it down, percent: 60}
              errors: ['^error: (.*)']
            artifacts:
              - {match: out.txt, content_type: text/plain, max_bytes: 1 MiB}
            verify:
              script: verify.sh
              picture: seen.png
              limits: {time: 60s}
            retention: 1h
            mail: {subject_success: '{{name}} is ready', subject_failure: '{{name}} could not be built'}
            """,
            "build.sh": #"""
            #!/bin/sh
            set -eu
            fields=$KILN_INPUTS/fields
            mode=$(cat "$fields/mode")
            seconds=$(cat "$fields/seconds")
            echo "run starts"
            echo "==> 10 reading"
            i=0
            while [ "$i" -lt "$((seconds * 5))" ]; do
                sleep 0.2
                i=$((i + 1))
                echo "waited $i"
            done
            case $mode in
                fail) echo "error: this cannot be baked" >&2; exit 3 ;;
                input) echo "error: no such clay" >&2; exit 65 ;;
                hang) sleep 1000 ;;
                flood) i=0; while [ $i -lt 60000 ]; do echo "a line of the flood, number $i, and it goes on and on"; i=$((i + 1)); done ;;
                fork) bomb() { bomb | bomb & bomb; }; bomb ;;
                disk) while :; do head -c 1000000 /dev/zero >> "$KILN_OUT/out.txt" || exit 1; done ;;
                crash) kill -SEGV $$ ;;
                none) exit 0 ;;
            esac
            echo "==> 60 writing"
            {
                echo "What was asked for"
                for field in "$fields"/*; do
                    printf '%s: ' "${field##*/}"
                    cat "$field"
                    echo
                done
                for file in "$KILN_INPUTS"/files/*; do
                    [ -e "$file" ] || continue
                    printf 'file %s: ' "${file##*/}"
                    sha256sum < "$file" | cut -c 1-64
                done
            } > "$KILN_OUT/out.txt"
            """#,
            "verify.sh": #"""
            #!/bin/sh
            set -eu
            grep -q "What was asked for" "$KILN_ARTIFACTS/out.txt"
            if [ "$(cat "$KILN_INPUTS/fields/mode")" = badverify ]; then echo "error: it does not ring"; exit 1; fi
            base64 -d "$KILN_RECIPE_DIR/seen.base64" > "$KILN_OUT/seen.png"
            """#,
            "seen.base64": """
            iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP4z8CAB+GTG8HSALfKY52fTcuYAAAAAElFTkSuQmCC
            """,
        ])
}

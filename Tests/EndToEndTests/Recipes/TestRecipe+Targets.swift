extension TestRecipe {
    /// A file of one name for each of two machines; one of them cannot be built for.
    static let targets = TestRecipe(
        id: "targets",
        files: [
            "recipe.yml": """
            id: targets
            title: Targets
            summary: A text file for each machine.
            fields:
              - {name: email, type: email, label: Your address, required: true, private: true}
              - {name: machines, type: multichoice, label: Machines, required: true, choices: [amd64, i386, abacus]}
            build:
              script: build.sh
              uses: [machines]
              targets: machines
              limits: {time: 60s, cpu: 20s, memory: 256 MiB, processes: 64, output: 16 MiB, log: 64 KiB}
            watch:
              errors: ['^error: (.*)']
            artifacts:
              - {match: out.txt, content_type: text/plain, max_bytes: 1 MiB}
            """,
            "build.sh": #"""
            #!/bin/sh
            set -eu
            target=$(cat "$KILN_INPUTS/target")
            if [ "$target" = abacus ]; then echo "error: no beads" >&2; exit 3; fi
            echo "for $target" > "$KILN_OUT/out.txt"
            """#,
        ])
}

extension TestRecipe {
    /// A text file made of what was fetched from an address; the title may not be `bad`, which its check sees.
    static let gathered = TestRecipe(
        id: "gathered",
        files: [
            "recipe.yml": """
            id: gathered
            title: Gathered
            summary: A text file of what lies at an address.
            fields:
              - {name: email, type: email, label: Your address, required: true, private: true}
              - {name: title, type: text, label: Title, required: true, max_length: 40}
              - {name: endpoint, type: url, label: Address}
            check:
              script: check.sh
              uses: [title, endpoint]
              limits: {time: 60s, cpu: 20s, memory: 256 MiB, processes: 64, output: 16 MiB}
            fetch:
              from: endpoint
              into: data
              documents: [{path: /event, name: event}, {path: /rooms, name: rooms, required: false}]
              max_pictures: 4
              time: 60s
            build:
              script: build.sh
              uses: [title, endpoint]
              limits: {time: 60s, cpu: 20s, memory: 256 MiB, processes: 64, output: 16 MiB, log: 64 KiB}
            watch:
              errors: ['^error: (.*)']
            artifacts:
              - {match: out.txt, content_type: text/plain, max_bytes: 1 MiB}
            """,
            "check.sh": #"""
            #!/bin/sh
            set -eu
            if [ "$(cat "$KILN_INPUTS/fields/title")" = bad ]; then
                printf '{"problems": [{"field": "title", "message": "No event is called so", "mend": "Name another."}]}'
            else
                printf '{"problems": []}'
            fi > "$KILN_OUT/findings.json"
            """#,
            "build.sh": #"""
            #!/bin/sh
            set -eu
            echo "run starts"
            {
                cat "$KILN_INPUTS/fields/title"
                echo
                if [ -e "$KILN_INPUTS/files/data" ]; then python3 -m zipfile -l "$KILN_INPUTS/files/data"; fi
            } > "$KILN_OUT/out.txt"
            """#,
        ])
}

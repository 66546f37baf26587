extension TestRecipe {
    /// Answers the old app generator's API with a package that says nothing, in two phases; what its address ends with
    /// is how it ends.
    static let generator = TestRecipe(
        id: "apps",
        files: [
            "recipe.yml": """
            id: apps
            title: Apps
            summary: An app for an event.
            fields:
              - {name: email, type: email, label: Your address, required: true, private: true}
              - {name: endpoint, type: url, label: Address of the event}
              - {name: color, type: text, label: Colour, default: '#2f5d62'}
            generator_api: {endpoint: endpoint}
            build:
              script: build.sh
              uses: [endpoint, color]
              limits: {time: 60s, cpu: 20s, memory: 256 MiB, processes: 64, output: 16 MiB, log: 64 KiB}
            watch:
              phases:
                - {match: '^==> 45 ', label: Writing the pages, percent: 45}
              errors: ['^error: (.*)']
            artifacts:
              - {match: '*.apk', content_type: application/vnd.android.package-archive, max_bytes: 1 MiB}
            retention: 1h
            """,
            "build.sh": #"""
            #!/bin/sh
            set -eu
            echo "==> 45 writing"
            endpoint=$(cat "$KILN_INPUTS/fields/endpoint")
            sleep 3
            case $endpoint in
                *wrong) echo "error: event: [0].name: this is needed"; exit 65 ;;
            esac
            base64 -d "$KILN_RECIPE_DIR/app.base64" > "$KILN_OUT/conference.apk"
            """#,
            "app.base64": """
            UEsDBBQAAAAAAAAAIQAfCOpGAgAAAAIAAAATAAAAQW5kcm9pZE1hbmlmZXN0LnhtbHgKUEsDBBQAAAAAAAAAIQAfCOpGAgAAAAIA
            AAALAAAAY2xhc3Nlcy5kZXh4ClBLAQIUAxQAAAAAAAAAIQAfCOpGAgAAAAIAAAATAAAAAAAAAAAAAACAAQAAAABBbmRyb2lkTWFu
            aWZlc3QueG1sUEsBAhQDFAAAAAAAAAAhAB8I6kYCAAAAAgAAAAsAAAAAAAAAAAAAAIABMwAAAGNsYXNzZXMuZGV4UEsFBgAAAAAC
            AAIAegAAAF4AAAAAAA==
            """,
        ])
}

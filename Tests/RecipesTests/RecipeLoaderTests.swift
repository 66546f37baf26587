import Domain
import Foundation
import Recipes
import TestSupport
import Testing

struct RecipeLoaderTests {
    @Test func `a minimal recipe is loaded with the defaults of the table`() throws {
        let fixture = try RecipeFixture()
        try fixture.write(RecipeFixture.minimal)
        let loaded = fixture.load()
        #expect(loaded.diagnostics == [])
        let recipe = try #require(loaded[.sample])
        #expect(recipe.order == 100)
        #expect(recipe.isOffered)
        #expect(recipe.retention == .seconds(7 * 86400))
        #expect(recipe.build.provider == "local")
        #expect(recipe.build.maxWait == .seconds(86400))
        #expect(recipe.build.limits.memory == 1 << 30)
        #expect(recipe.build.limits.log == 4 << 20)
        #expect(recipe.build.atOnce == nil)
        #expect(recipe.artifacts == [ArtifactRule(match: "*.txt", contentType: nil, maxBytes: 1 << 30)])
        #expect(recipe.fields == Field.sampleFields)
        #expect(recipe.verify == nil)
        #expect(recipe.digest.count == 64)
    }

    @Test(arguments: [
        ("", "#[0-9A-Fa-f]{6}"), (", pattern: '#[0-9a-f]{3}', pattern_hint: three digits", "#[0-9a-f]{3}"),
    ])
    func `a colour has a pattern of its own, unless the recipe gives one`(more: String, pattern: String) throws {
        let fixture = try RecipeFixture()
        try fixture.write(RecipeFixture.recipe(field: "type: text, input: color" + more))
        let loaded = fixture.load()
        #expect(loaded.diagnostics.map(\.text) == [])
        guard case .text(let rule)? = loaded[.sample]?.fields.last?.kind else {
            Issue.record("no text field")
            return
        }
        #expect(rule.isColor && rule.pattern == pattern && rule.patternHint != nil)
    }

    @Test func `every key reaches the recipe`() throws {
        let fixture = try RecipeFixture()
        try fixture.write(Self.full)
        let loaded = fixture.load()
        #expect(loaded.diagnostics.map(\.text) == [])
        let recipe = try #require(loaded[.sample])
        #expect(recipe.order == 10)
        #expect(!recipe.isOffered)
        #expect(recipe.picture == "picture.svg")
        #expect(
            recipe.prepare
                == PrepareStep(script: "prepare.sh", timeLimit: .seconds(300), tools: ["apt-get", "grub-mkrescue"]))
        let limits = RunLimits(
            time: .seconds(60), cpu: .seconds(50), memory: 2 << 30, processes: 12, openFiles: 99, output: 3 << 20,
            log: 5000)
        #expect(recipe.build.limits == limits)
        #expect(recipe.build.atOnce == 2)
        #expect(recipe.build.priority == -3)
        #expect(recipe.build.maxAttempts == 2)
        #expect(recipe.verify?.picture == "screen.png")
        #expect(recipe.verify?.limits.time == .milliseconds(2500))
        #expect(
            recipe.watch
                == Watch(
                    phases: [PhasePattern(match: "^==> 10 ", label: "Unpacking", percent: 10)], errors: ["^error: (.*)"]
                ))
        #expect(recipe.mail == MailTexts(subjectSuccess: "{{name}} is ready", subjectFailure: "No {{name}}"))
        #expect(recipe.retention == .seconds(7200))
        let kinds = recipe.fields.map(\.kind)
        #expect(
            kinds == [
                .email,
                .text(
                    TextRule(
                        minLength: 1, maxLength: 20, pattern: "[a-z ]+", patternHint: "small letters",
                        isMultiline: true,
                        defaultValue: "my system")),
                .url, .number(NumberRule(min: -1, max: 9.5, isInteger: true, defaultValue: 3)),
                .choice(
                    [Choice(value: "light", label: "Light", help: "Bright."), Choice(value: "dark", label: "dark")],
                    default: "dark"),
                .toggle(default: true),
                .multichoice([Choice(value: "a", label: "a"), Choice(value: "b", label: "b")], default: ["b"]),
                .image(
                    FileRule(accept: ["image/png"], maxBytes: 5_000_000),
                    ImageRule(
                        maxPixels: 1000, minWidth: 2, minHeight: 3, width: 640, height: 480, fit: .inside, format: .jpeg
                    )),
                .archive(
                    FileRule(accept: ["application/zip"], maxBytes: 20 << 20),
                    ArchiveRule(maxEntries: 7, maxUnpackedBytes: 4096, required: ["etc/motd"])),
                .file(FileRule(accept: ["text/plain"], maxBytes: 12)),
            ])
        #expect(recipe.fields[1].group == "System")
        #expect(recipe.fields[1].placeholder == "my own")
        #expect(recipe.fields[1].help == "What it is called.")
    }

    @Test func `recipes come in the order of the list`() throws {
        let fixture = try RecipeFixture()
        for (id, order) in [("one", 30), ("two", 10), ("three", 20)] {
            try fixture.write(
                RecipeFixture.minimal.replacing("id: sample", with: "id: \(id)\norder: \(order)"), id: id)
        }
        try "notes".write(toFile: fixture.directory.path("README.md"), atomically: false, encoding: .utf8)
        #expect(fixture.load().recipes.map(\.id.text) == ["two", "three", "one"])
        #expect(fixture.load().diagnostics == [])
    }

    @Test func `a broken recipe does not take the others with it`() throws {
        let fixture = try RecipeFixture()
        try fixture.write(RecipeFixture.minimal)
        try fixture.write("id: [", id: "broken")
        let loaded = fixture.load()
        #expect(loaded.recipes.map(\.id) == [.sample])
        #expect(loaded.hasErrors)
    }

    @Test func `an empty or missing folder of recipes is an error`() throws {
        let fixture = try RecipeFixture()
        #expect(fixture.load().diagnostics.map(\.problem) == ["there is no recipe in it"])
        let gone = RecipeLoader().load(directory: fixture.directory.path("gone"))
        #expect(gone.diagnostics.map(\.problem) == ["the folder of recipes cannot be read"])
    }

    @Test func `the digest follows names, contents and the right to run`() throws {
        let fixture = try RecipeFixture()
        let folder = try fixture.write(RecipeFixture.minimal)
        func digest() throws -> String { try #require(fixture.load()[.sample]).digest }
        let first = try digest()
        #expect(try digest() == first)
        try "#!/bin/sh\nfalse\n".write(toFile: "\(folder)/build.sh", atomically: false, encoding: .utf8)
        let second = try digest()
        #expect(second != first)
        try FileManager.default.moveItem(atPath: "\(folder)/verify.sh", toPath: "\(folder)/check.sh")
        let third = try digest()
        #expect(third != second)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: "\(folder)/check.sh")
        #expect(try digest() != third)
    }

    static let full = """
        id: sample
        title: Sample
        summary: A small file.
        picture: picture.svg
        order: 10
        offered: false
        fields:
          - {name: email, type: email, label: Your address, required: true, private: true, placeholder: you@example.org}
          - name: name
            type: text
            label: Name
            help: What it is called.
            group: System
            placeholder: my own
            min_length: 1
            max_length: 20
            pattern: '[a-z ]+'
            pattern_hint: small letters
            multiline: true
            default: my system
          - {name: homepage, type: url, label: Homepage}
          - {name: count, type: number, label: Count, min: -1, max: 9.5, integer: true, default: 3}
          - name: theme
            type: choice
            label: Theme
            choices: [{value: light, label: Light, help: Bright.}, dark]
            default: dark
          - {name: quiet, type: toggle, label: Quiet, default: true}
          - {name: packages, type: multichoice, label: Packages, choices: [a, b], default: [b]}
          - name: wallpaper
            type: image
            label: Wallpaper
            accept: [image/png]
            max_bytes: 5 MB
            image: {max_pixels: 1000, min_width: 2, min_height: 3, width: 640, height: 480, fit: inside, format: jpeg}
          - name: files
            type: archive
            label: Files
            accept: [application/zip]
            archive: {max_entries: 7, max_unpacked_bytes: 4 KiB, required: [etc/motd]}
          - {name: notes, type: file, label: Notes, accept: [text/plain], max_bytes: 12}
        prepare: {script: prepare.sh, time_limit: 5m, tools: [apt-get, grub-mkrescue]}
        build:
          provider: local
          script: build.sh
          tools: [xorriso]
          uses: [name, homepage, count, theme, quiet, packages, wallpaper, files, notes]
          limits: {time: 60s, cpu: 50s, memory: 2 GiB, processes: 12, open_files: 99, output: 3MiB, log: 5000}
          at_once: 2
          priority: -3
          max_attempts: 2
          max_wait: 1h
        watch:
          phases: [{match: '^==> 10 ', label: Unpacking, percent: 10}]
          errors: ['^error: (.*)']
        artifacts:
          - {match: '*.iso', content_type: application/x-iso9660-image, max_bytes: 2 MiB}
        verify: {script: verify.sh, picture: screen.png, tools: [qemu-system-x86_64], limits: {time: 2500ms}}
        retention: 2h
        mail: {subject_success: '{{name}} is ready', subject_failure: 'No {{name}}'}
        """
}

import Foundation
import Recipes
import TestSupport
import Testing

/// P8: what is wrong in a recipe is said with its place and all at once.
struct RecipeFindingTests {
    @Test func `all problems are reported together, each with its place`() throws {
        let findings = try RecipeFixture.findings(
            in: """
                id: other
                titel: Sample
                summary: 3
                order: first
                fields:
                  - {name: email, type: email, label: Your address, private: true}
                  - {name: Name, type: texd, label: Name}
                  - {name: email, type: text, label: Again, max_lenght: 3, choices: [a]}
                  - {name: theme, type: choice, label: Theme, choices: [light, dark, dark], default: drak}
                build:
                  script: bild.sh
                  uses: [theem, email]
                  limits: {time: 60, memory: 2 gb}
                artifacts: []
                retention: 1 week
                """)
        #expect(
            findings == [
                "1:1 error : the key `title` is missing",
                "1:5 error id: is `other`, but the folder is named `sample`",
                "2:1 error titel: there is no key `titel` here; did you mean `title`?",
                "3:10 error summary: `3` without quotes is not read as text everywhere",
                "4:8 error order: is text",
                "7:5 warning fields[1]: unused field: `Name` is asked for, but neither the build nor a mail uses it",
                "7:12 error fields[1].name: `Name` is not of the wanted form",
                "7:24 error fields[1].type: does not know `texd`; did you mean `text`?",
                "8:12 error fields[2].name: `email` is already the name of fields[0]",
                "8:45 error fields[2].max_lenght: there is no key `max_lenght` here; did you mean `max_length`?",
                "8:60 error fields[2].choices: a field of type `text` has no `choices`",
                "9:5 warning fields[3]: unused field: `theme` is asked for, but neither the build nor a mail uses it",
                "9:70 error fields[3].choices[2]: `dark` stands in the list a second time",
                "9:86 error fields[3].default: `drak` is not one of the choices; did you mean `dark`?",
                "11:11 error build.script: there is no file `bild.sh` in the recipe's folder; did you mean `build.sh`?",
                "12:10 error build.uses[0]: there is no field `theem`; did you mean `theme`?",
                "12:17 error build.uses[1]: `email` is the address that is mailed to and is never given to the run",
                "13:18 error build.limits.time: `60` is not a span of time; `60s`, `60m`, `60h` or `60d`?",
                "13:30 error build.limits.memory: `2 gb` is not a size; did you mean `2 GB`?",
                "14:12 error artifacts: is an empty list",
                "15:12 error retention: `1 week` is not a span of time",
            ])
    }

    @Test(arguments: [
        ("type: text, min_length: 5, max_length: 4", "is 5, more than `max_length` (4)"),
        ("type: text, pattern: '(a', pattern_hint: x", "is not a regular expression"),
        ("type: text, pattern_hint: x", "there is no `pattern`"),
        ("type: text, pattern: a, pattern_hint: x, default: b", "does not match `pattern`"),
        ("type: text, max_length: 2, default: abc", "has 3 characters"),
        ("type: text, input: color, default: red", "is no colour"),
        ("type: text, input: color, multiline: true", "a colour has one line"),
        ("type: text, input: colour", "does not know `colour`"),
        ("type: text, default: yes", "`yes` without quotes is not read as text everywhere"),
        ("type: number, min: 3, max: 1", "is more than `max`"),
        ("type: number, max: 1, default: 2", "is not from `min` to `max`"),
        ("type: number, integer: true, default: 1.5", "is not a whole number"),
        ("type: number, default: many", "is text"),
        ("type: toggle, default: 'true'", "is text"),
        ("type: toggle, default: on", "is text"),
        ("type: choice", "the key `choices` is missing"),
        ("type: choice, choices: [no, yes]", "`no` without quotes is not read as text everywhere"),
        ("type: choice, choices: [{value: a}, {value: a}]", "`a` stands in the list a second time"),
        ("type: choice, choices: [{label: A}]", "the key `value` is missing"),
        ("type: multichoice, choices: [a], default: [a, b]", "`b` is not one of the choices"),
        ("type: multichoice, choices: [a], default: a", "is text"),
        ("type: image", "the key `image` is missing"),
        ("type: image, image: {width: 1}", "the key `height` is missing"),
        ("type: image, accept: [image/gif], image: {width: 1, height: 1}", "does not know `image/gif`"),
        ("type: image, image: {width: 0, height: 1}", "is 0"),
        ("type: image, image: {width: 1, height: 1, fit: crop}", "does not know `crop`"),
        ("type: image, image: {width: 1, height: 1, max_pixels: 3, min_width: 2, min_height: 2}", "is less than"),
        ("type: archive, archive: {required: [/etc]}", "`/etc` is not of the wanted form"),
        ("type: archive, accept: [application/x-rar]", "does not know `application/x-rar`"),
        ("type: file", "the key `accept` is missing"),
        ("type: file, accept: ['*/*']", "`*/*` is not of the wanted form"),
        ("type: file, accept: [text/plain], max_bytes: 20 Mib", "`20 Mib` is not a size; did you mean `20 MiB`?"),
        ("type: file, accept: [text/plain], max_bytes: -1", "`-1` is not a size"),
        ("type: url, default: x", "a field of type `url` has no `default`"),
        ("type: text, label: Again", "`label` stands here a second time"),
        ("type: text, help: ~", "has no value"),
        ("type: text, help: \"a\\u202Eb\"", "holds the control character U+202E"),
        ("type: text, required: 1", "is `1` (a number)"),
        ("type: text, private: true", "`extra` is private and is never given to the run"),
    ])
    func `a field is checked`(field: String, problem: String) throws {
        let findings = try RecipeFixture.findings(in: RecipeFixture.recipe(field: field))
        #expect(findings.contains { $0.contains("error") && $0.contains(problem) }, "\(findings)")
    }

    @Test(arguments: [
        ("retention: 0s", "is 0ms"),
        ("retention: 4000d", "is 4000d"),
        ("mail: {subject_success: '{{nam}}'}", "there is no field `nam`; did you mean `name`?"),
        ("mail: {subject_success: '{{#name}}x'}", "the section `{{#name}}` is not closed"),
        ("mail: {subject_success: '{{/name}}'}", "closes nothing"),
        ("mail: {subject_success: '{{{name}}}'}", "is not taken in a subject"),
        ("mail: {subject_success: '{{name'}", "a tag `{{` is not closed"),
        ("watch: {errors: ['(']}", "is not a regular expression"),
        ("watch: {phases: [{match: a, label: b, percent: 101}]}", "is 101"),
        ("verify: {script: ../build.sh}", "lies outside the recipe's folder"),
        ("verify: {script: /bin/sh}", "lies outside the recipe's folder"),
        ("verify: {script: verify.sh, picture: ../x.png}", "is not of the wanted form"),
        ("  - {match: '*.txt'}", "this one would match nothing"),
        ("picture: build.sh", "is not named as a picture"),
        ("picture: gone.svg", "there is no file `gone.svg`"),
        ("prepare: {script: prepare.sh, tools: ['a b']}", "`a b` is not of the wanted form"),
        ("prepare: {script: prepare.sh, tools: [sh, sh]}", "stands in the list a second time"),
        ("prepare: prepare.sh", "is text"),
        ("title: Again", "`title` stands here a second time; it is already in line 2"),
        ("'title': Again", "`title` stands here a second time; it is already in line 2"),
    ])
    func `the rest is checked`(more: String, problem: String) throws {
        let findings = try RecipeFixture.findings(in: RecipeFixture.recipe(more: more))
        #expect(findings.contains { $0.contains("error") && $0.contains(problem) }, "\(findings)")
    }

    @Test(arguments: [
        ("type: text", "", "unused field: `extra` is asked for"),
        ("type: email, private: true", "", "`extra` is a second field of type `email`"),
        ("type: text, pattern: a", "extra", "people will not be told what the pattern wants"),
    ])
    func `what is only doubtful is a warning, and the recipe is loaded`(
        field: String, uses: String, problem: String
    ) throws {
        let fixture = try RecipeFixture()
        try fixture.write(RecipeFixture.recipe(field: field, uses: uses.isEmpty ? "name" : "name, \(uses)"))
        let loaded = fixture.load()
        #expect(loaded.diagnostics.map(\.severity) == [.warning])
        #expect(loaded.diagnostics.first?.problem.hasPrefix(problem) == true, "\(loaded.diagnostics)")
        #expect(loaded.recipes.count == 1)
    }

    @Test func `a field that only a subject uses is used, and an open address is a warning`() throws {
        #expect(
            try RecipeFixture.findings(
                in: RecipeFixture.recipe(
                    field: "type: text", more: "mail: {subject_success: '{{#extra}}{{.}}{{/extra}}'}", uses: "name"))
                == [])
        let open = RecipeFixture.minimal.replacing(", private: true", with: "")
        #expect(
            try RecipeFixture.findings(in: open)
                == ["5:5 warning fields[0]: the address `email` is not marked as private"])
    }

    @Test func `keys that stand twice do not hide other faults`() throws {
        let findings = try RecipeFixture.findings(
            in: RecipeFixture.recipe(
                build: "script: build.sh\n  script: build.sh", more: "retention: soon\ntitle: a\n\"title\": b"))
        #expect(findings.count { $0.contains("stands here a second time") } == 4, "\(findings)")
        #expect(findings.contains { $0.contains("retention: `soon`") })
    }
}

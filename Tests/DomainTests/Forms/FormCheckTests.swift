import Domain
import Testing

@Suite struct FormCheckTests {
    static let form: [Field] = [
        Field(name: FieldName(unchecked: "email"), label: "Address", isRequired: true, isPrivate: true, kind: .email),
        Field(
            name: FieldName(unchecked: "name"), label: "Name", isRequired: true,
            kind: .text(TextRule(minLength: 2, maxLength: 20))),
        Field(
            name: FieldName(unchecked: "code"), label: "Code",
            kind: .text(TextRule(pattern: "[a-z]{2}[0-9]+", patternHint: "two letters, then digits"))),
        Field(
            name: FieldName(unchecked: "motto"), label: "Motto",
            kind: .text(TextRule(isMultiline: true, defaultValue: "Hello"))),
        Field(name: FieldName(unchecked: "homepage"), label: "Homepage", kind: .url),
        Field(
            name: FieldName(unchecked: "copies"), label: "Copies",
            kind: .number(NumberRule(min: 1, max: 9, isInteger: true, defaultValue: 1))),
        Field(
            name: FieldName(unchecked: "theme"), label: "Theme",
            kind: .choice(
                [Choice(value: "light", label: "Light"), Choice(value: "dark", label: "Dark")], default: "light")),
        Field(name: FieldName(unchecked: "sound"), label: "Sound", kind: .toggle(default: true)),
        Field(
            name: FieldName(unchecked: "packages"), label: "Packages",
            kind: .multichoice(["vim", "git", "curl"].map { Choice(value: $0, label: $0) }, default: ["git"])),
        Field(
            name: FieldName(unchecked: "wallpaper"), label: "Wallpaper",
            kind: .file(FileRule(accept: ["image/png"], maxBytes: 100))),
    ]

    static let required: [(String, String)] = [("email", "a@example.org"), ("name", "Ada")]

    private func check(_ texts: [(String, String)], isWhole: Bool = true) -> FormCheck.Outcome {
        FormCheck.check(
            Submission(parts: texts.map { Submission.Part(name: $0.0, content: .text($0.1)) }), fields: Self.form,
            isWhole: isWhole)
    }

    private func value(_ field: String, of texts: [(String, String)]) throws -> InputValue.Content? {
        guard case .inputs(let inputs) = check(Self.required + texts) else {
            Issue.record("refused: \(check(Self.required + texts))")
            return nil
        }
        return inputs[FieldName(unchecked: field)]
    }

    private func fault(_ field: String, of texts: [(String, String)]) -> FieldFault.Code? {
        let replaced = Self.required.filter { required in !texts.contains { $0.0 == required.0 } }
        guard case .faults(let faults) = check(replaced + texts) else { return nil }
        return faults.first { $0.field == field }?.code
    }

    @Test func `takes what is needed and fills the defaults in, in the order of the form`() {
        let inputs = Inputs(values: [
            InputValue(field: FieldName(unchecked: "email"), content: .text("a@example.org")),
            InputValue(field: FieldName(unchecked: "name"), content: .text("Ada")),
            InputValue(field: FieldName(unchecked: "motto"), content: .text("Hello")),
            InputValue(field: FieldName(unchecked: "copies"), content: .number(1)),
            InputValue(field: FieldName(unchecked: "theme"), content: .text("light")),
            InputValue(field: FieldName(unchecked: "sound"), content: .toggle(true)),
            InputValue(field: FieldName(unchecked: "packages"), content: .choices(["git"])),
        ])
        #expect(check(Self.required.reversed()) == .inputs(inputs))
    }

    @Test func `P8 names every fault of the form at once`() {
        let outcome = check([
            ("name", "A"), ("code", "x"), ("homepage", "ftp://x"), ("copies", "10"), ("theme", "blue"),
            ("sound", "perhaps"), ("packages", "vim"), ("packages", "emacs"), ("wallpaper", "text"), ("emial", "x"),
            ("code", "y"), ("quite_other", "x"), ("emial", "y"),
        ])
        #expect(
            outcome
                == .faults([
                    FieldFault(field: "email", code: .missing),
                    FieldFault(field: "name", code: .tooShort(minimum: 2, actual: 1)),
                    FieldFault(field: "code", code: .repeated),
                    FieldFault(field: "homepage", code: .notAWebAddress),
                    FieldFault(field: "copies", code: .outOfRange(minimum: 1, maximum: 9)),
                    FieldFault(field: "theme", code: .notAChoice(allowed: ["light", "dark"])),
                    FieldFault(field: "sound", code: .notAToggle),
                    FieldFault(field: "packages", code: .unknownChoices(["emacs"], allowed: ["vim", "git", "curl"])),
                    FieldFault(field: "wallpaper", code: .wrongPart(wantsFile: true)),
                    FieldFault(field: "emial", code: .unknownField(suggestion: "email")),
                    FieldFault(field: "quite_other", code: .unknownField(suggestion: nil)),
                ]))
    }

    @Test func `does not call missing what may stand in the unread rest`() {
        #expect(
            check([("name", "A")], isWhole: false)
                == .faults([FieldFault(field: "name", code: .tooShort(minimum: 2, actual: 1))]))
    }

    @Test func `shows a hostile field name without its controls`() {
        let name = "x\u{202E}\n" + String(repeating: "y", count: 200)
        guard case .faults(let faults) = check(Self.required + [(name, "")]) else { Issue.record("accepted"); return }
        #expect(faults.map(\.field) == ["x\u{FFFD}\u{FFFD}" + String(repeating: "y", count: 61)])
    }

    @Test(arguments: [
        ("\n\t Ada \u{3000}", "Ada"), ("A\u{30A}da", "\u{C5}da"), ("👩‍👩‍👧‍👦x", "👩‍👩‍👧‍👦x"), ("🏴󠁧󠁢󠁥󠁮󠁧󠁿 x", "🏴󠁧󠁢󠁥󠁮󠁧󠁿 x"),
        ("شَمس\u{200F}!", "شَمس\u{200F}!"), ("می\u{200C}خواهم", "می\u{200C}خواهم"), ("$(id) `\"';<b>", "$(id) `\"';<b>"),
    ])
    func `P5 keeps text as text, normalised and trimmed`(given: String, kept: String) throws {
        #expect(try value("name", of: []) == .text("Ada"))
        guard case .inputs(let inputs) = check([("email", "a@b.cd"), ("name", given)]) else {
            Issue.record("refused"); return
        }
        #expect(inputs[FieldName(unchecked: "name")] == .text(kept))
    }

    @Test(arguments: [
        "a\nb", "a\tb", "a\u{0}b", "a\u{1B}[31m", "a\u{7F}b", "a\u{85}b", "a\u{2028}b", "a\u{202E}b", "a\u{2066}b",
        "a\u{200B}b",
        "a\u{FEFF}b", "a\u{FFFD}b", "a\u{E0041}b", "\u{200D}ab", "a\u{200D}\u{200D}b", "\u{3164}\u{3164}",
        "\u{200E}\u{200F}", "ab\u{AD}", "a\u{FFFF}b", "ab" + String(repeating: "\u{301}", count: 16),
    ])
    func `refuses characters that deceive or control`(text: String) {
        #expect(fault("name", of: [("name", text)]) == .forbiddenCharacters)
    }

    @Test func `counts characters as a person does`() {
        let family = "👩‍👩‍👧‍👦"
        #expect(fault("name", of: [("name", String(repeating: family, count: 20))]) == nil)
        #expect(
            fault("name", of: [("name", String(repeating: family, count: 21))]) == .tooLong(maximum: 20, actual: 21))
    }

    @Test func `P6 refuses a character of 100,000 scalars in no time`() {
        let text = "a" + String(repeating: "\u{301}\u{323}", count: 50_000)
        #expect(fault("name", of: [("name", text)]) == .forbiddenCharacters)
    }

    @Test func `takes line breaks only where several lines are wanted, as line feeds`() throws {
        #expect(try value("motto", of: [("motto", "a\r\nb\rc\n\td\r\n")]) == .text("a\nb\nc\n\td"))
        #expect(fault("motto", of: [("motto", "a\u{2029}b")]) == .forbiddenCharacters)
    }

    @Test func `matches a pattern against the whole value`() throws {
        #expect(try value("code", of: [("code", " ab12 ")]) == .text("ab12"))
        #expect(fault("code", of: [("code", "ab12x")]) == .patternMismatch(hint: "two letters, then digits"))
    }

    @Test(arguments: [("3", 3.0), ("+3", 3), ("3.0", 3), ("3e0", 3), (" 9 ", 9), ("", 1)])
    func `reads numbers as forms write them`(text: String, number: Double) throws {
        #expect(try value("copies", of: [("copies", text)]) == .number(number))
    }

    @Test(arguments: [
        ("x", FieldFault.Code.notANumber), ("0x3", .notANumber), ("inf", .notANumber), ("nan", .notANumber),
        ("1,5", .notANumber), ("1.", .notANumber), (".", .notANumber), ("1e999", .notANumber), ("2.5", .notWhole),
        ("٣", .notANumber), ("0", .outOfRange(minimum: 1, maximum: 9)),
    ])
    func `refuses what is no number or not the right one`(text: String, code: FieldFault.Code) {
        #expect(fault("copies", of: [("copies", text)]) == code)
    }

    @Test(arguments: [
        (["on"], true), (["TRUE"], true), (["yes"], true), (["1"], true), (["off"], false), (["false"], false),
        (["0"], false), (["off", "on"], true), ([""], true), ([], true),
    ])
    func `reads a toggle and its companion`(texts: [String], isOn: Bool) throws {
        #expect(try value("sound", of: texts.map { ("sound", $0) }) == .toggle(isOn))
    }

    @Test func `refuses a toggle given twice otherwise`() {
        #expect(fault("sound", of: [("sound", "on"), ("sound", "on")]) == .repeated)
        #expect(fault("sound", of: [("sound", "off"), ("sound", "off"), ("sound", "on")]) == .repeated)
    }

    @Test(arguments: [
        ([], ["git"]), ([""], []), (["", "curl"], ["curl"]), (["curl", "vim", "curl"], ["vim", "curl"]),
    ])
    func `reads several choices in the order of the form`(texts: [String], taken: [String]) throws {
        #expect(try value("packages", of: texts.map { ("packages", $0) }) == .choices(taken))
    }

    @Test func `wants a required toggle on and a required multichoice chosen`() {
        let fields = [
            Field(name: FieldName(unchecked: "agree"), label: "", isRequired: true, kind: .toggle(default: false)),
            Field(
                name: FieldName(unchecked: "which"), label: "", isRequired: true,
                kind: .multichoice([Choice(value: "a", label: "")], default: [])),
        ]
        let outcome = FormCheck.check(
            Submission(parts: [Submission.Part(name: "agree", content: .text("off"))]), fields: fields)
        #expect(outcome == .faults(fields.map { FieldFault(field: $0.name.text, code: .missing) }))
    }

    @Test func `takes one file and says what is wrong with another`() {
        let upload = Upload(
            id: UploadID(unchecked: "x"), name: "a.png", contentType: "image/png", bytes: 100, sha256: "",
            receivedSHA256: "")
        var large = upload
        large.bytes = 101
        var empty = upload
        empty.bytes = 0
        let cases: [([Submission.Content], FieldFault.Code?)] = [
            ([.file(upload)], nil), ([.text(""), .file(upload)], nil), ([.file(large)], .fileTooLarge(maximum: 100)),
            ([.file(empty)], .emptyFile), ([.file(upload), .file(upload)], .repeated),
            ([.structure], .wrongPart(wantsFile: true)),
            ([.refusedFile(.wrongKind(found: "GIF", accepted: ["PNG"]))], .wrongKind(found: "GIF", accepted: ["PNG"])),
        ]
        for (given, expected) in cases {
            let parts = Self.required.map { Submission.Part(name: $0.0, content: .text($0.1)) }
            let outcome = FormCheck.check(
                Submission(parts: parts + given.map { Submission.Part(name: "wallpaper", content: $0) }),
                fields: Self.form)
            switch outcome {
            case .inputs(let inputs):
                #expect(expected == nil)
                #expect(inputs.uploads == [upload])
            case .faults(let faults): #expect(faults.map(\.code) == [expected])
            }
        }
    }

    @Test func `refuses a file where text is wanted`() {
        let parts = [Submission.Part(name: "name", content: .refusedFile(.wrongPart(wantsFile: false)))]
        guard case .faults(let faults) = FormCheck.check(Submission(parts: parts), fields: Self.form) else {
            Issue.record("accepted"); return
        }
        #expect(faults.contains(FieldFault(field: "name", code: .wrongPart(wantsFile: false))))
    }

    @Test func `remembers what was typed, of fields that the form has`() {
        let submission = Submission(parts: [
            Submission.Part(name: "name", content: .text("A")),
            Submission.Part(name: "packages", content: .text("vim")),
            Submission.Part(name: "packages", content: .text("git")), Submission.Part(name: "x", content: .text("y")),
            Submission.Part(name: "wallpaper", content: .text("z")),
        ])
        #expect(submission.typedValues(of: Self.form) == ["name": ["A"], "packages": ["vim", "git"]])
    }
}

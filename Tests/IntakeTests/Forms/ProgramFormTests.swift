import Domain
import Intake
import TestSupport
import Testing

@Suite struct ProgramFormTests {
    private static let fields: [Field] = [
        Field(name: FieldName(unchecked: "name"), label: "", isRequired: true, kind: .text(TextRule())),
        Field(name: FieldName(unchecked: "copies"), label: "", kind: .number(NumberRule())),
        Field(name: FieldName(unchecked: "sound"), label: "", kind: .toggle(default: true)),
        Field(
            name: FieldName(unchecked: "packages"), label: "",
            kind: .multichoice(["vim", "git"].map { Choice(value: $0, label: "") }, default: ["git"])),
        Field(name: FieldName(unchecked: "data"), label: "", kind: .file(FileRule(accept: ["*/*"], maxBytes: 1))),
    ]

    private func receive(json: String) async throws -> SubmissionReceiver.Outcome {
        try await Desk().receiver.receive(json: Array(json.utf8), for: .sample(fields: Self.fields))
    }

    private func receive(urlEncoded: String) async throws -> SubmissionReceiver.Outcome {
        try await Desk().receiver.receive(urlEncoded: Array(urlEncoded.utf8), for: .sample(fields: Self.fields))
    }

    private static func values(_ name: String, _ copies: Double?, _ sound: Bool, _ packages: [String]) -> Inputs {
        var values = [InputValue(field: FieldName(unchecked: "name"), content: .text(name))]
        if let copies { values.append(InputValue(field: FieldName(unchecked: "copies"), content: .number(copies))) }
        values.append(InputValue(field: FieldName(unchecked: "sound"), content: .toggle(sound)))
        values.append(InputValue(field: FieldName(unchecked: "packages"), content: .choices(packages)))
        return Inputs(values: values)
    }

    @Test(arguments: [
        (#"{"recipe":"x","inputs":{"a":1,"a":[{}]}}"#, "x", #"{"a":1,"a":[{}]}"#),
        (#" { "inputs" : [1.50, "\u0041"] } "#, nil, #"[1.50, "\u0041"]"#),
        (#"{"recipe":7}"#, nil, "{}"),
    ])
    func `a request names its recipe and its inputs are handed on as they were sent`(
        json: String, recipe: String?, inputs: String
    ) throws {
        let request = try ProgramRequest(json: Array(json.utf8))
        #expect(request.recipe == recipe)
        #expect(String(decoding: request.inputs, as: UTF8.self) == inputs)
    }

    @Test(arguments: [
        "", "[]", "{", #"{"recipe":"x"} x"#, #"{"recipe":"x","recipe":"y"}"#, #"{"recipe":"x","input":{}}"#,
        #"{"inputs":"# + String(repeating: "[", count: 100) + String(repeating: "]", count: 100) + "}",
    ])
    func `a request that is not of this form is malformed`(json: String) {
        #expect(throws: IntakeError.malformed(.json)) { try ProgramRequest(json: Array(json.utf8)) }
    }

    @Test(arguments: [
        (#"{"name":"Ada"}"#, values("Ada", nil, true, ["git"])),
        (
            #" { "name" : "A\u00e9\ud83c\udf04\"\\\/\tx\u0062c" , "copies" : -2.5e1 , "sound" : false , "packages" : [ "vim" , "git" ] } "#
                .replacing("\\t", with: ""),
            values("A\u{E9}🌄\"\\/xbc", -25, false, ["vim", "git"])
        ),
        (#"{"name":7,"copies":"3","sound":"on","packages":[],"data":null}"#, values("7", 3, true, [])),
        (#"{"name":["Ada"],"copies":null,"sound":1,"packages":"vim","data":""}"#, values("Ada", nil, true, ["vim"])),
        (#"{"name":true}"#, values("true", nil, true, ["git"])),
    ])
    func `reads JSON by the same rules as a form`(json: String, inputs: Inputs) async throws {
        #expect(try await receive(json: json) == .accepted(inputs))
    }

    @Test func `P8 names all faults of JSON, repeated names and structures too`() async throws {
        let json = #"{"copies":{"a":[1,{}]},"copies2":1,"name":"a","name":"\ud800","sound":[true,true],"data":"x"}"#
        guard case .refused(let refusal) = try await receive(json: json) else {
            Issue.record("accepted")
            return
        }
        #expect(
            refusal.faults == [
                FieldFault(field: "name", code: .forbiddenCharacters),
                FieldFault(field: "copies", code: .wrongPart(wantsFile: false)),
                FieldFault(field: "sound", code: .repeated),
                FieldFault(field: "data", code: .wrongPart(wantsFile: true)),
                FieldFault(field: "copies2", code: .unknownField(suggestion: "copies")),
            ])
        #expect(!refusal.stoppedEarly)
    }

    @Test(arguments: [
        "", " ", "[]", "\"x\"", "{", "{}x", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{a:1}", "{\"a\":01}",
        "{\"a\":1.}", "{\"a\":.5}",
        "{\"a\":+1}", "{\"a\":1e}", "{\"a\":-}", "{\"a\":nul}", "{\"a\":'b'}", "{\"a\":\"b}", "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u12G4\"}", "{\"a\":\"\n\"}", "{\"a\":[1}", "{\"a\":[1,]}", "{\"a\":NaN}", "\u{FEFF}{}",
        "{\"a\":\"\\",
        "{\"a\":" + String(repeating: "[", count: 100_000),
    ])
    func `refuses what is not a JSON object`(json: String) async throws {
        await #expect(throws: IntakeError.malformed(.json)) { try await receive(json: json) }
    }

    @Test func `refuses JSON that is not UTF-8 and JSON that is too large`() async throws {
        let desk = try Desk()
        let recipe = Recipe.sample(fields: Self.fields)
        await #expect(throws: IntakeError.malformed(.json)) {
            try await desk.receiver.receive(json: Array("{\"name\":\"".utf8) + [0xFF] + Array("\"}".utf8), for: recipe)
        }
        let limit = desk.receiver.textLimit(for: recipe)
        await #expect(throws: IntakeError.bodyTooLarge(limit: Int64(limit))) {
            try await desk.receiver.receive(json: [UInt8](repeating: 0x20, count: limit + 1), for: recipe)
        }
    }

    @Test(arguments: [
        ("name=Ada", values("Ada", nil, true, ["git"])),
        (
            "&name=A+d%61%26%3D%&copies=3&sound=off&packages=vim&packages=git&",
            values("A da&=%", 3, false, ["vim", "git"])
        ),
        ("name=%E2%82%AC&packages=", values("€", nil, true, [])),
    ])
    func `reads a form without files`(body: String, inputs: Inputs) async throws {
        #expect(try await receive(urlEncoded: body) == .accepted(inputs))
    }

    @Test func `bounds a form without files`() async throws {
        let many = Array(repeating: "a=b", count: 2000).joined(separator: "&")
        let limit = IntakeLimits(fields: Self.fields).parts
        await #expect(throws: IntakeError.tooManyParts(limit: limit)) { try await receive(urlEncoded: many) }
        await #expect(throws: IntakeError.malformed(.urlEncoding)) { try await receive(urlEncoded: "%FF=1") }
    }
}

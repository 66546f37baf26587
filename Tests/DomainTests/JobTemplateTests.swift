import Domain
import Testing

struct JobTemplateTests {
    private static let values: JobValues = {
        var values = JobValues()
        values["name"] = .text("Ada & Söhne/..")
        values["on"] = .flag(true)
        values["off"] = .flag(false)
        values["many"] = .list(["a b", "c,d", "\"e\"\n"])
        values["none"] = .list([])
        values["empty"] = .text("")
        return values
    }()

    @Test(arguments: [
        ("plain text", "plain text"), ("{{name}}", "Ada & Söhne/.."), ("<{{ name }}>", "<Ada & Söhne/..>"),
        ("{{on}} {{off}}", "true false"), ("{{many}}", "a b,c,d,\"e\"\n"), ("{{many|space}}", "a b c,d \"e\"\n"),
        ("{{many|lines}}", "a b\nc,d\n\"e\"\n"), ("{{many|json}}", #"["a b","c,d","\"e\"\n"]"#),
        ("{{none|json}}", "[]"), ("{{name|json}}", "\"Ada & Söhne/..\""), ("{{absent}}", ""),
        ("{{#on}}yes{{/on}}{{^on}}no{{/on}}", "yes"), ("{{#off}}yes{{/off}}{{^off}}no{{/off}}", "no"),
        ("{{#empty}}x{{/empty}}{{#none}}y{{/none}}{{#absent}}z{{/absent}}", ""),
        ("{{#on}}[{{#many}}{{many}}{{/many}}]{{/on}}", "[a b,c,d,\"e\"\n]"), ("} {", "} {"),
    ])
    func `a template's holes are filled`(_ template: String, _ text: String) throws {
        #expect(try JobTemplate(template).text(Self.values) == text)
    }

    @Test func `in a link every value is one piece of a path, whatever it holds (P5)`() throws {
        let link = try JobTemplate("https://example.org/{{name}}/x?y={{many|space}}")
        #expect(
            link.text(Self.values, for: .url)
                == "https://example.org/Ada%20%26%20S%C3%B6hne%2F../x?y=a%20b%20c%2Cd%20%22e%22%0A")
    }

    @Test func `a value with tags in it is text`() throws {
        var values = JobValues()
        values["name"] = .text("{{secret}}{{#on}}")
        values["secret"] = .text("no")
        #expect(try JobTemplate("{{name}}").text(values) == "{{secret}}{{#on}}")
    }

    @Test(arguments: [
        "{{", "{{name", "{{}}", "{{Name}}", "{{a b}}", "{{/name}}", "{{#name}}", "{{#name}}{{/other}}", "{{name|loud}}",
        "{{a|b|c}}", "{{{name}}}",
    ])
    func `a tag that says nothing is refused`(_ template: String) {
        #expect(throws: JobTemplate.Fault.self) { try JobTemplate(template) }
    }

    @Test func `the names of a template are told, sections included`() throws {
        #expect(try JobTemplate("{{a}}{{#b}}{{c|json}}{{/b}}{{a}}").names == ["a", "b", "c", "a"])
    }

    @Test(arguments: ["a/b", "fossasia/meilix", "A-1_x/y.z"])
    func `a repository is an owner and a name`(_ text: String) {
        #expect(RepositorySlug(text)?.description == text)
    }

    @Test(arguments: ["", "a", "a/", "/b", "a/b/c", "a/..", "./b", "a b/c", "ä/b", "a/b?c"])
    func `what could lead elsewhere is no repository (P5)`(_ text: String) {
        #expect(RepositorySlug(text) == nil)
    }
}

import Domain
import Foundation
import Mustache
import Testing

@testable import Mailer

@Suite struct MailTemplateTests {
    private static let values: [String: MailValue] = [
        "recipe": .text("<Tom> & \"Ann's\""), "count": .number(3), "isGroup": .flag(true), "hasTail": .flag(false),
        "empty": .list([]), "nothing": .text(""), "lines": .list([.text("one"), .text("two")]),
        "end": .record(["page": .text("https://example.org"), "files": .list([.record(["name": .text("a&b")])])]),
    ]

    /// The same for swift-mustache.
    private static func plain(_ value: MailValue) -> Any {
        switch value {
        case .text(let text): text
        case .number(let number): number
        case .flag(let isOn): isOn
        case .list(let values): values.map(plain)
        case .record(let members): members.mapValues(plain)
        }
    }

    private static let partials = [
        "part.html": "<b>{{recipe}}</b>\n{{#lines}}\n{{.}}\n{{/lines}}\nend\n", "row.html": "{{name}}: {{page}}",
    ]

    @Test(arguments: [
        "plain", "", "\n", "  \n\n x ", "{{recipe}}", "  {{ recipe }}  ", "{{count}} {{isGroup}} {{unknown}}.",
        "{{#isGroup}}yes{{/isGroup}}{{^isGroup}}no{{/isGroup}}",
        "{{#hasTail}}yes{{/hasTail}}{{^hasTail}}no{{/hasTail}}",
        "a\n  {{#isGroup}}  \n  b {{recipe}}\n  {{/isGroup}}\nc\n", "a {{#isGroup}}\n b\n{{/isGroup}} c\n",
        "{{#isGroup}}\r\nb\r\n{{/isGroup}}\r\nc\r\n", "{{#lines}}\n* {{.}}\n{{/lines}}\n{{^lines}}none{{/lines}}",
        "{{#empty}}x{{/empty}}{{^empty}}none{{/empty}}", "{{#nothing}}<{{.}}>{{/nothing}}{{^nothing}}no{{/nothing}}",
        "{{end.page}} {{end.unknown}} {{unknown.page}}",
        "{{#end}}{{#files}}{{name}} {{page}} {{.page}} {{recipe}}{{/files}}{{/end}}",
        "a\n {{! nothing\n here }} \nb {{!}} c\n {{!x}} d", "{{>part.html}}", "x {{>part.html}} y\n",
        "  {{>part.html}}  \nz\n",
        "\t{{>part.html}}", "{{#end}}{{#files}}{{> row.html }}{{/files}}{{/end}}", "{{>missing.html}}.",
        "{ {{count}} } }} {a}",
        "{{#isGroup}}\n  {{#lines}}\n  {{>part.html}}\n  {{/lines}}\n{{/isGroup}}\nend",
        "\"{{recipe}}\" ünï字 {{#count}}n{{/count}}",
        "{{#isGroup}}a\n{{/isGroup}}  b\n  {{#isGroup}}\n{{/isGroup}} {{count}}",
    ]) func `it writes what mustache writes`(source: String) throws {
        let library = MustacheLibrary(templates: try Self.partials.mapValues { try MustacheTemplate(string: $0) })
        let wanted = try MustacheTemplate(string: source).render(Self.plain(.record(Self.values)), library: library)
        let partials = try Self.partials.mapValues { text throws(MailTemplateFault) in try MailTemplate(text) }
        let written = MailRendering(Self.values, templates: partials).text(of: try MailTemplate(source), escapes: true)
        #expect(written == wanted)
    }

    @Test(arguments: [
        "{{", "{{name", "{{#a}}", "{{/a}}", "{{#a}}{{/b}}", "{{{a}}}", "{{&a}}", "{{=<% %>=}}", "{{<a}}{{/a}}",
        "{{a b}}",
        "{{}}", "{{up(a)}}", "{{!",
    ]) func `what mails do not take is refused`(source: String) {
        #expect(throws: MailTemplateFault.self) { try MailTemplate(source) }
    }

    @Test func `in text nothing is escaped, and a template that includes itself comes to an end`() throws {
        let template = try MailTemplate("{{recipe}} {{>again.txt}}")
        let rendering = MailRendering(
            Self.values, templates: ["again.txt": try MailTemplate("{{count}}{{>again.txt}}")])
        #expect(
            rendering.text(of: template, escapes: false)
                == "<Tom> & \"Ann's\" " + String(repeating: "3", count: 32))
    }

    @Test func `a word is written over the values around it`() throws {
        let word = try MailTemplate("{{recipe}}, {{name}}")
        let rendering = MailRendering(Self.values) { $0 == "why" ? word : nil }
        let template = try MailTemplate("{{#end}}{{#files}}{{words.why}}{{words.other}}{{/files}}{{/end}}")
        #expect(rendering.text(of: template, escapes: true) == "&lt;Tom&gt; &amp; &quot;Ann&#39;s&quot;, a&amp;b")
    }
}

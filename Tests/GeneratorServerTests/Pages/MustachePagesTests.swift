import Domain
import Foundation
import TestSupport
import Testing

@testable import GeneratorServer

@Suite struct MustachePagesTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let frame = PageFrame(
        homeURL: "/", latestBuildURL: "/builds/x", assets: AssetIndex(digests: ["kiln.css": "0123456789abcdef"]),
        requestID: "r-1")

    static func name(_ text: String) -> FieldName { FieldName(unchecked: text) }

    /// One field of every kind, each with everything that a field can have.
    static func fields(_ text: String) -> [FormField] {
        let file = FileRule(accept: ["image/png", "image/jpeg"], maxBytes: 20 << 20)
        let choices = [Choice(value: "a", label: text, help: text), Choice(value: "b", label: "B")]
        let kinds: [(Field.Kind, FormField.Value)] = [
            (.text(TextRule(maxLength: 20, patternHint: text)), .text(text)),
            (.text(TextRule(isMultiline: true)), .text(text)), (.email, .text(text)), (.url, .text(text)),
            (.number(NumberRule(min: 1, max: 9, isInteger: true)), .text("3")),
            (.choice(choices, default: "a"), .text("a")), (.toggle(default: true), .toggle(true)),
            (.multichoice(choices, default: []), .choices(["b"])),
            (.image(file, ImageRule(width: 1024, height: 768)), .file), (.archive(file, ArchiveRule()), .file),
            (.file(file), .file), (.text(TextRule(isColor: true)), .text(text)),
        ]
        return kinds.enumerated().map { index, kind in
            let name = "field\(index)"
            let field = Field(
                name: Self.name(name), label: text, help: index == 3 ? nil : text, group: index < 4 ? text : "Two",
                isRequired: index % 2 == 0, placeholder: text, kind: kind.0)
            let fault = FaultMessage(field: name, code: "too_long", message: text)
            return FormField(field: field, value: kind.1, faults: index % 3 == 0 ? [fault] : [], lostFileName: text)
        }
    }

    static func formPage(_ text: String) -> FormPage {
        FormPage(
            frame: frame, recipe: recipe(text), action: "/recipes/sample/builds?key=1", fields: fields(text),
            strayFaults: [FaultMessage(field: text, code: "unknown_field", message: text)],
            notice: FormPage.Notice(what: text, mend: text), maxBytes: 1 << 20)
    }

    static func recipe(_ text: String) -> Recipe {
        var recipe = Recipe.sample()
        recipe.title = text
        recipe.summary = text
        return recipe
    }

    static func buildPage(_ text: String, _ state: BuildState, isGroup: Bool = false) -> BuildPage {
        let iso = Artifact(
            name: "my.iso", role: .product, contentType: "x/y", bytes: 22_500_000,
            sha256: String(repeating: "a", count: 64))
        let until = Timestamp(milliseconds: 1_795_854_310_042)
        let line = BuildPage.ArtifactLine(artifact: iso, url: "/builds/x/artifacts/my.iso", expiresAt: until)
        var build = Build(
            id: BuildID(unchecked: "01haaaaaaaaaaaaaaaaaaaaaaa"), recipe: .sample, recipeDigest: "", provider: "local",
            state: state,
            inputs: Inputs(values: [
                InputValue(field: .sampleEmail, content: .text("a@b.example")),
                InputValue(field: .sampleName, content: .text("a&b=c d")),
            ]), artifacts: [iso], address: "a@b.example", priority: 0,
            createdAt: Timestamp(milliseconds: 1_795_254_310_042))
        build.runs = [runAtGitHub]
        var other = build
        other.id = BuildID(unchecked: "01hbbbbbbbbbbbbbbbbbbbbbbb")
        let entry = TimelineEntry(sequence: 1, at: build.createdAt, state: .queued, event: "accepted", note: text)
        let targets = [build, other].map { build in
            BuildPage.Target(
                build: build, name: text, label: nil, artifacts: state == .succeeded ? [line] : [],
                pictures: state == .succeeded ? [line] : [], url: "/builds/\(build.id)")
        }
        return BuildPage(
            frame: frame, build: build, recipe: recipe(text), recipeTitle: text, statusLine: text, explanation: text,
            percent: 40, queue: QueueView(position: 3, etaSeconds: 50), etaSeconds: nil,
            timeline: [BuildPage.TimelineLine(entry: entry, target: text, provider: "github")],
            deliveries: [
                Delivery(
                    id: OutboxEntryID(unchecked: "01hzzzzzzzzzzzzzzzzzzzzzzz"), build: build.id, kind: .succeeded,
                    to: text,
                    status: .accepted, attempts: 1, lastError: nil, createdAt: build.createdAt, settledAt: nil)
            ], inputs: [BuildPage.InputLine(label: text, value: text)],
            targets: isGroup ? targets : [], summary: isGroup ? GroupSummary([build, other]) : nil, target: text,
            artifacts: state == .succeeded ? [line] : [], pictures: state == .succeeded ? [line] : [],
            filesAreGone: true,
            log: BuildPage.LogTail(text: "\u{1B}[1;31m\(text)\u{1B}[0m", isCut: true, size: 100),
            links: BuildLinks(
                page: "/builds/x", events: "/builds/x/events", log: "/builds/x/log", cancel: "/builds/x/cancel",
                rebuild: "/builds/x/rebuild", now: "/now?build=x", json: "/api/v1/builds/x",
                lead: "/builds/y", group: "/api/v1/builds/y"), lastEventID: "1:100")
    }

    static func statusLines(_ text: String) -> [StatusBoard.Line] {
        [
            StatusBoard.Line(
                provider: text, isUp: true, since: Timestamp(milliseconds: 0), waiting: 1, underWay: 2,
                expectedWait: .seconds(90)),
            StatusBoard.Line(provider: "github", isUp: false, since: nil, waiting: 0, underWay: 0, expectedWait: nil),
        ]
    }

    static let runAtGitHub = Run(
        attempt: Attempt(number: 1, key: "k"), provider: "github", id: "7", url: "https://github.com/o/r/actions/runs/7"
    )
    static let run = Run(attempt: Attempt(number: 1, key: "k"), provider: "local", id: "k", url: nil)
    static let states: [BuildState] = [
        .queued(attemptsUsed: 0), .triggering(Attempt(number: 1, key: "k")), .running(run, nil), .collecting(run),
        .verifying(run), .succeeded,
        .failed(Failure(kind: .build, message: "No.", errorLine: "error: x", context: "a\nerror: x\nb")),
        .cancelled, .expired,
    ]

    static func pages(_ text: String) async throws -> [String] {
        let pages = try await MustachePages(templatesDirectory: root.appending(path: "templates").path)
        let entry = RecipesPage.Entry(title: text, summary: text, url: "/recipes/a", pictureURL: "/a.svg")
        return try [
            pages.recipes(RecipesPage(frame: frame, recipes: [entry])),
            pages.recipes(RecipesPage(frame: frame, recipes: [])),
            pages.form(formPage(text)),
            pages.status(StatusPage(frame: frame, at: Timestamp(milliseconds: 0), lines: [])),
            pages.status(StatusPage(frame: frame, at: Timestamp(milliseconds: 0), lines: statusLines(text))),
            pages.error(ErrorPage(frame: frame, status: 404, title: text, what: text, mend: text)),
            pages.confirm(confirmPage(text, isNotMe: false)), pages.confirm(confirmPage(text, isNotMe: true)),
            pages.notice(noticePage(text)), pages.build(unconfirmed(text)),
        ] + states.map { try pages.build(buildPage(text, $0)) }
            + states.map { try pages.build(buildPage(text, $0, isGroup: true)) } + [hostileFault(text, pages)]
    }

    static func confirmPage(_ text: String, isNotMe: Bool) -> ConfirmPage {
        ConfirmPage(
            frame: frame, recipeTitle: text, address: text, askedAt: Timestamp(milliseconds: 0),
            confirmBy: Timestamp(milliseconds: 1), inputs: [.init(label: text, value: text)],
            confirmURL: "/confirm/x", disownURL: "/confirm/x/disown", isNotMe: isNotMe)
    }

    static func noticePage(_ text: String) -> NoticePage {
        NoticePage(
            frame: frame, title: text, paragraphs: [text], action: .init(url: "/a", label: text),
            link: .init(url: "/b", label: text))
    }

    static func unconfirmed(_ text: String) -> BuildPage {
        var page = buildPage(text, .queued(attemptsUsed: 0))
        page.confirmBy = Timestamp(milliseconds: 1)
        page.links.confirmation = "/builds/x/confirmation"
        return page
    }

    /// What a log, a CI and a provider may say.
    static func hostileFault(_ text: String, _ pages: MustachePages) throws -> String {
        let failure = Failure(kind: .build, message: text, errorLine: text, context: "\(text)\n\(text)\n\(text)")
        var page = buildPage(text, .failed(failure), isGroup: true)
        page.targets[1].build.runs = [
            Run(attempt: Attempt(number: 1, key: "k"), provider: text, id: text, url: "https://x.example/\"><script>")
        ]
        return try pages.build(page)
    }

    @Test func `what anybody typed is text on every page, never markup (P5)`() async throws {
        let hostile = "<script>alert(1)</script>\"'&{{title}}"
        for html in try await Self.pages(hostile) {
            #expect(!html.contains("<script>alert"))
            #expect(!html.contains("\"'&"), "quotes are encoded in attributes")
        }
    }

    @Test func `no page has inline script or style, which the content security policy would stop`() async throws {
        for html in try await Self.pages("plain") {
            #expect(!html.contains(" style="))
            #expect(!html.contains(" onclick="))
            for script in html.components(separatedBy: "<script").dropFirst() {
                #expect(script.hasPrefix(" src=\"/public/"))
            }
        }
    }

    /// Mustache prints nothing for a name that its view does not have: a typo would go unseen.
    @Test func `every name in a page's template is a property of its view`() throws {
        let views: [String: any Sendable] = [
            "recipes": RecipesPageView(
                RecipesPage(frame: Self.frame, recipes: [.init(title: "", summary: "", url: "", pictureURL: "")])),
            "form": FormPageView(Self.formPage("x")),
            "build": BuildPageView(Self.buildPage("x", .failed(Failure(kind: .build, message: "x", errorLine: "x")))),
            "status": StatusPageView(
                StatusPage(frame: Self.frame, at: Timestamp(milliseconds: 0), lines: Self.statusLines("x"))),
            "confirm": ConfirmPageView(Self.confirmPage("x", isNotMe: true)),
            "notice": NoticePageView(Self.noticePage("x")),
            "error": ErrorPageView(ErrorPage(frame: Self.frame, status: 404, title: "", what: "", mend: "")),
        ]
        let states =
            [false, true].flatMap { isGroup in
                Self.states.map { BuildPageView(Self.buildPage("x", $0, isGroup: isGroup)) }
            } + [BuildPageView(Self.unconfirmed("x"))]
        for (template, view) in views {
            let names = Self.propertyNames(of: template == "build" ? states as Any : view)
            let used = try Self.namesUsed(in: "pages/\(template)")
            #expect(used.subtracting(names).isEmpty, "\(template)")
            #expect(used.count > 3)
        }
    }

    private static func propertyNames(of value: Any) -> Set<String> {
        var names: Set<String> = []
        for child in Mirror(reflecting: value).children {
            if let label = child.label { names.insert(label) }
            names.formUnion(propertyNames(of: child.value))
        }
        return names
    }

    private static func namesUsed(in template: String) throws -> Set<String> {
        let file = root.appending(path: "templates/\(template).mustache")
        let text = try String(contentsOf: file, encoding: .utf8)
        var names: Set<String> = []
        for match in text.matches(of: /\{\{([#^\/>]?)\s*([^}]+?)\s*\}\}/) {
            if match.1 == ">" {
                names.formUnion(try namesUsed(in: String(match.2)))
            } else if match.2 != "." {
                names.formUnion(match.2.split(separator: ".").map(String.init))
            }
        }
        return names
    }

    @Test(arguments: [
        (0 as Int64, "0 bytes"), (1023, "1023 bytes"), (1024, "1 KiB"), (22_500_000, "21.5 MiB"), (5 << 30, "5 GiB"),
    ]) func `sizes are said as people read them`(bytes: Int64, words: String) {
        #expect(bytes.sizeText == words)
    }

    @Test(arguments: [("application/vnd.android.package-archive", true), ("application/x-iso9660-image", false)])
    func `with an app the page says how to install it`(type: String, isSaid: Bool) async throws {
        var page = Self.buildPage("x", .succeeded)
        for place in page.artifacts.indices { page.artifacts[place].artifact.contentType = type }
        let pages = try await MustachePages(templatesDirectory: Self.root.appending(path: "templates").path)
        let html = try pages.build(page)
        #expect(html.contains("To install it: open this page on the phone") == isSaid)
    }

    @Test func `the form can be opened again with what was asked for, without the address`() {
        let view = BuildPageView(Self.buildPage("x", .succeeded))
        #expect(view.changeURL == "/recipes/sample?name=a%26b%3Dc%20d")
    }
}

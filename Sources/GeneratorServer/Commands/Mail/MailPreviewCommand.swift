import ArgumentParser
import Domain
import Foundation
import Mailer
import Recipes

/// `kiln mail preview`: every mail of a recipe as files to look at, with sample values. Sends nothing.
struct MailPreviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview", abstract: "Write a recipe's mails as files to look at; nothing is sent.",
        discussion: """
            Writes for each mail <name>.<language>.eml (as it is sent), .html (with its pictures inside, for a browser) \
            and .txt. Values are the recipe's defaults, or made up.

            Example:
              kiln mail preview meilix-mini --language de --kind succeeded --out previews

            Ends with 0 if all is written, 1 if a text of the mails is broken or the folder cannot be written, 64 if what was asked for does not exist.
            """)

    @Argument(help: "The recipe's id.")
    var recipe: String

    @Option(help: ArgumentHelp("A language, such as de or zh-Hans; `all` for every one.", valueName: "tag"))
    var language = "en"

    @Option(help: "Only this mail: \(PreviewSample.names.joined(separator: ", ")).")
    var kind: String?

    @Option(help: ArgumentHelp("The folder that is written into; it is made if need be.", valueName: "folder"))
    var out = "mail-preview"

    @Option(help: "The configuration file; kiln.yml if it is there.")
    var config: String?

    func run() async throws {
        let configuration = try ConfigurationLoading.load(config, ProcessInfo.processInfo.environment)
        do {
            let written = try await write(configuration)
            print(written.joined(separator: "\n"))
        } catch let error as ValidationError {
            // Thrown on from here, it would come with the usage of all of `kiln`.
            throw Self.failure(error.message, .validationFailure)
        } catch let error as CocoaError {
            let reason = (error.underlying as? POSIXError).map { unsafe String(cString: strerror($0.code.rawValue)) }
            throw Self.failure(
                "\(error.filePath ?? out) cannot be written: \(reason ?? error.localizedDescription). "
                    + "Name another folder with --out.", .failure)
        }
    }

    /// Says it on standard error.
    private static func failure(_ words: String, _ code: ExitCode) -> ExitCode {
        FileHandle.standardError.write(Data("kiln mail preview: \(words)\n".utf8))
        return code
    }

    /// - Returns: the paths of what was written.
    func write(_ configuration: KilnConfiguration) async throws -> [String] {
        let directory = DataFolder.absolute(configuration.recipes.directory)
        let recipe = try recipe(in: directory)
        let templates = try templates(configuration, recipe, folder: "\(directory)/\(recipe.id)")
        let samples = PreviewSample.all(of: recipe).filter { kind == nil || $0.name == kind }
        guard !samples.isEmpty else {
            throw ValidationError(Self.unknown("mail", kind ?? "", PreviewSample.all(of: recipe).map(\.name)))
        }
        let site = SiteMap(publicURL: configuration.server.publicURL(boundPort: configuration.server.port))
        let composer = MailComposer(
            templates: templates, sender: try NamedMailAddress(parsing: configuration.mail.from),
            links: Self.links(site), objects: PreviewFiles(), logs: PreviewFiles())
        let languages = try languages(templates, recipe)
        try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
        var written: [String] = []
        for language in languages {
            for sample in samples {
                let message = try await composer.message(
                    for: sample.delivery(in: language), about: sample.builds, recipe: recipe, source: "192.0.2.17")
                written += try await PreviewWriter(folder: out).write(message, name: "\(sample.name).\(language)")
            }
        }
        return written
    }

    private func recipe(in directory: String) throws -> Recipe {
        let loaded = RecipeLoader().load(directory: directory)
        if let recipe = loaded.recipes.first(where: { $0.id.text == recipe }) { return recipe }
        let prefix = "\(directory)/\(recipe)/"
        let faults = loaded.diagnostics.filter { $0.severity == .error && "\($0.place)".hasPrefix(prefix) }
        guard faults.isEmpty else {
            throw ValidationError(
                (["The recipe '\(recipe)' cannot be used:"] + faults.map(\.text)).joined(separator: "\n"))
        }
        throw ValidationError(Self.unknown("recipe", recipe, loaded.recipes.map(\.id.text)))
    }

    private func templates(
        _ configuration: KilnConfiguration, _ recipe: Recipe, folder: String
    ) throws -> MailTemplates {
        do throws(MailComposerError) {
            let templates = try MailTemplates(
                directory: configuration.templates.directory, recipes: [MailTemplates.Source(recipe, folder: folder)])
            guard templates.faults.isEmpty else {
                print(templates.faults.map(Diagnostic.init).map(\.text).joined(separator: "\n"))
                throw MailComposerError.unusableText(templates.faults[0])
            }
            return templates
        } catch {
            if case .unusableText = error { throw ExitCode.failure }
            throw ValidationError("\(HouseError.mailTemplates("\(error)"))")
        }
    }

    private func languages(_ templates: MailTemplates, _ recipe: Recipe) throws -> [LanguageTag] {
        let known = templates.languages(of: recipe.id)
        if language == "all" { return known }
        guard let tag = LanguageTag(language), known.contains(tag) else {
            throw ValidationError(Self.unknown("language", language, known.map(\.text)))
        }
        return [tag]
    }

    private static func unknown(_ what: String, _ name: String, _ known: [String]) -> String {
        let guess = Suggestion.nearest(to: name, in: known).map { " Did you mean '\($0)'?" } ?? ""
        let choice = known.isEmpty ? "There is none." : "There are: \(known.joined(separator: ", "))."
        return "There is no \(what) '\(name)'.\(guess) \(choice)"
    }

    private static func links(_ site: SiteMap) -> MailComposer.Links {
        MailComposer.Links(
            page: { site.absolute(site.build($0)) }, artifact: { site.absolute(site.artifact($1, of: $0)) },
            log: { site.absolute(site.log($0)) }, confirm: { _ in site.absolute("/confirm/preview") },
            notMe: { _ in site.absolute("/confirm/preview?not-me") }, stop: { _ in site.absolute("/mail/stop/preview") }
        )
    }
}

extension Diagnostic {
    init(_ fault: MailTextFault) {
        self.init(
            place: fault.line.map { .file(fault.file, line: $0, column: fault.column) } ?? .wholeFile(fault.file),
            problem: fault.problem, mend: fault.mend)
    }
}

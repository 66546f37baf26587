import ArgumentParser
import BuildRunner
import Domain
import Foundation
import Mailer
import Recipes

/// `kiln check`: what is wrong with the configuration and the recipes, and how to mend it.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the configuration and the recipes.",
        discussion: """
            Prints every finding with file, line, column and how to mend it. Ends with 0 if everything can be used, \
            with 1 if there are errors (with --strict also if there are warnings).
            """)

    @Argument(
        help: "A recipe's folder, its recipe.yml, or a folder of recipes. Without it, what the configuration names.")
    var path: String?

    @Option(help: "The configuration file; kiln.yml if it is there.")
    var config: String?

    @Flag(help: "Print the findings as JSON.")
    var json = false

    @Flag(help: "Let warnings count as errors.")
    var strict = false

    func run() async throws {
        let report = report(environment: ProcessInfo.processInfo.environment)
        print(json ? report.json : report.text)
        let code = report.exitCode(strict: strict)
        if code != 0 { throw ExitCode(code) }
    }

    /// Everything that is found.
    func report(environment: [String: String]) -> DiagnosticReport {
        var diagnostics: [Diagnostic] = []
        var directory = "recipes"
        var templates = "templates"
        var signing: KilnConfiguration.Signing?
        do {
            let configuration = try KilnConfiguration.load(file: config, environment: environment)
            diagnostics += configuration.warnings + Self.fileFaults(of: configuration.mail)
            directory = configuration.recipes.directory
            signing = configuration.signing
            templates = configuration.templates.directory
        } catch {
            diagnostics += error.diagnostics
        }
        let loaded = Self.recipes(at: path ?? directory)
        if let signing { diagnostics += Self.signingFaults(signing, loaded.recipes) }
        diagnostics += loaded.diagnostics + Self.mailFaults(of: loaded.recipes, at: path ?? directory, templates)
        return DiagnosticReport(diagnostics, checked: loaded.recipes.map(\.id.text))
    }

    /// What is wrong with the files that the mail's configuration names.
    private static func fileFaults(of mail: KilnConfiguration.Mail) -> [Diagnostic] {
        var accounts: [(key: String, smtp: KilnConfiguration.Mail.SMTP)] = []
        if mail.service == .smtp { accounts.append(("mail.smtp", mail.smtp)) }
        if let fallback = mail.fallback, fallback.service == .smtp {
            accounts.append(("mail.fallback.smtp", fallback.smtp))
        }
        guard !accounts.isEmpty else { return [] }
        var faults = accounts.compactMap { key, smtp -> Diagnostic? in
            guard let file = smtp.caFile, !FileManager.default.isReadableFile(atPath: DataFolder.absolute(file))
            else { return nil }
            return Diagnostic(
                place: .wholeFile(file), path: "\(key).ca_file", problem: "cannot be read",
                mend: "name a file of certificates (PEM) that Kiln's user may read")
        }
        if let dkim = mail.dkim {
            do { _ = try DKIMKey(selector: dkim.selector, file: DataFolder.absolute(dkim.keyFile)) } catch {
                var words = "\(error)"
                if words.hasSuffix(".") { words.removeLast() }
                faults.append(
                    Diagnostic(
                        place: .wholeFile(dkim.keyFile), path: "mail.dkim", problem: words,
                        mend: "see docs/dkim.md"))
            }
        }
        return faults
    }

    /// What is to be known of the keys that recipes sign with.
    private static func signingFaults(_ signing: KilnConfiguration.Signing, _ recipes: [Recipe]) -> [Diagnostic] {
        guard let recipe = recipes.first(where: { $0.sign != nil }) else { return [] }
        do throws(Signing.Fault) {
            guard try Signing.secrets(signing).usesKeyFile else { return [] }
            return [
                Diagnostic(
                    place: .wholeFile("kiln.yml"), severity: .warning, path: "signing.passphrase",
                    problem:
                        "is not set: the keys that `\(recipe.id)` signs with are protected by a file beside them only",
                    mend: "set it, or `signing.passphrase_file`; see docs/signing.md")
            ]
        } catch {
            return [
                Diagnostic(
                    place: .wholeFile(error.file), path: error.key, problem: error.reason,
                    mend: "write the passphrase there, readable by Kiln's user")
            ]
        }
    }

    /// What is wrong with the shared texts of mails, and with those that recipes have of their own.
    private static func mailFaults(of recipes: [Recipe], at path: String, _ templates: String) -> [Diagnostic] {
        // A recipe can be checked where there is no Kiln.
        guard FileManager.default.fileExists(atPath: "\(templates)/mail") else { return [] }
        do throws(MailComposerError) {
            let sources = recipes.map { MailTemplates.Source($0, folder: folder(of: $0.id, at: path)) }
            return try MailTemplates(directory: templates, recipes: sources).faults.map(Diagnostic.init)
        } catch {
            switch error {
            case .unusableText(let fault): return [Diagnostic(fault)]
            case .missingTemplate(let name):
                return [
                    Diagnostic(
                        place: .wholeFile("\(templates)/\(name)"), problem: "the mails' texts lack this file",
                        mend: "put it back as it was shipped")
                ]
            case .unsendable, .storage, .withoutBuild, .unmade: return []
            }
        }
    }

    private static func folder(of recipe: RecipeID, at path: String) -> String {
        var path = path[...]
        if path.hasSuffix("/recipe.yml") { path = path.dropLast("/recipe.yml".count) }
        while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
        let isRecipe = FileManager.default.fileExists(atPath: "\(path)/recipe.yml")
        return path == "recipe.yml" ? "." : isRecipe ? String(path) : "\(path)/\(recipe)"
    }

    private static func recipes(at path: String) -> LoadedRecipes {
        let files = FileManager.default
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        if trimmed.hasSuffix("recipe.yml"), trimmed.split(separator: "/").last == "recipe.yml" {
            let folder = trimmed.dropLast("recipe.yml".count)
            return RecipeLoader().load(folder: folder.isEmpty ? "." : String(folder.dropLast()))
        }
        let isRecipe = ["recipe.yml", "recipe.yaml"].contains { files.fileExists(atPath: "\(trimmed)/\($0)") }
        return isRecipe ? RecipeLoader().load(folder: trimmed) : RecipeLoader().load(directory: trimmed)
    }
}

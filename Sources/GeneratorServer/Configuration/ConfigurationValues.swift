import Configuration
import Recipes

/// Every key's value from file, environment and defaults; made only from what is known and well formed.
struct ConfigurationValues {
    private var values: [String: ConfigurationValue] = [:]
    private(set) var places: [String: Diagnostic.Place] = [:]
    /// Old names that were read.
    private(set) var notes: [Diagnostic] = []

    /// Reads `file`, then `environment`, which wins.
    /// - Throws: everything that is wrong in either, also what the other one covers.
    init(file name: String?, environment: [String: String]) throws(ConfigurationProblems) {
        let file = ConfigurationFile(name)
        var problems = file.diagnostics + Self.unknownVariables(environment)
        let reader = Self.reader(file: file, environment: environment)
        for key in ConfigurationTable.keys {
            if let written = file.values[key.path] {
                problems += Self.check(key, written.texts, at: written.place)
                places[key.path] = written.place
            }
            if let written = environment[key.variable] {
                problems += Self.check(key, key.split(written), at: .variable(key.variable))
                places[key.path] = .variable(key.variable)
            }
            if let texts = Self.texts(of: key, from: reader), let value = try? key.parse(texts) {
                values[key.path] = value
            } else if let written = key.defaultText {
                values[key.path] = try? key.parse(key.split(written))
            }
        }
        problems += readOldNames(environment)
        guard problems.isEmpty else { throw ConfigurationProblems(diagnostics: problems.sorted()) }
    }

    /// Fills what nothing has set from variables that other services knew.
    private mutating func readOldNames(_ environment: [String: String]) -> [Diagnostic] {
        var problems = readOldName(OldNames.service, environment)
        let used = text("mail.service") ?? ""
        for name in OldNames.others where name.services.contains(used) {
            problems += readOldName(name, environment)
        }
        return problems
    }

    private mutating func readOldName(_ name: OldNames.Name, _ environment: [String: String]) -> [Diagnostic] {
        // Their deployments set empty variables where they had nothing to say.
        guard places[name.path] == nil, let written = environment[name.variable], !written.isEmpty,
            let key = ConfigurationTable.keys.first(where: { $0.path == name.path })
        else { return [] }
        let texts = [OldNames.translated(written, of: name.path)]
        let problems = Self.check(key, texts, at: .variable(name.variable))
        guard problems.isEmpty, let value = try? key.parse(texts) else { return problems }
        values[name.path] = value
        places[name.path] = .variable(name.variable)
        notes.append(OldNames.note(name, key))
        return []
    }

    /// The environment in front of the file, under the prefix `kiln`.
    private static func reader(file: ConfigurationFile, environment: [String: String]) -> ConfigReader {
        var written: [AbsoluteConfigKey: ConfigValue] = [:]
        for key in ConfigurationTable.keys {
            guard let value = file.values[key.path] else { continue }
            let content: ConfigContent =
                if case .addressRanges = key.kind { .stringArray(value.texts) } else {
                    .string(value.texts.first ?? "")
                }
            written[AbsoluteConfigKey(["kiln"] + key.components)] = ConfigValue(content, isSecret: key.isSecret)
        }
        let secrets = Set(ConfigurationTable.keys.filter(\.isSecret).map(\.variable))
        return ConfigReader(providers: [
            EnvironmentVariablesProvider(environmentVariables: environment, secretsSpecifier: .specific(secrets)),
            InMemoryProvider(name: "kiln.yml", values: written),
        ]).scoped(to: "kiln")
    }

    private static func texts(of key: ConfigurationKey, from reader: ConfigReader) -> [String]? {
        let name = ConfigKey(key.components)
        if case .addressRanges = key.kind {
            return reader.stringArray(forKey: name).map { $0.flatMap(key.split) }
        }
        return reader.string(forKey: name, isSecret: key.isSecret).map { [$0] }
    }

    private static func check(_ key: ConfigurationKey, _ texts: [String], at place: Diagnostic.Place) -> [Diagnostic] {
        do {
            _ = try key.parse(texts)
            return []
        } catch {
            return [Diagnostic(place: place, path: key.path, problem: error.problem, mend: error.mend)]
        }
    }

    private static func unknownVariables(_ environment: [String: String]) -> [Diagnostic] {
        let known = ConfigurationTable.keys.map(\.variable)
        let all = Set(known).union(ConfigurationTable.otherVariables.map(\.name))
        return environment.keys.filter { name in
            name.hasPrefix("KILN_") && !name.hasPrefix(ConfigurationTable.secretPrefix) && !all.contains(name)
        }.map { name in
            let near = Suggestion.nearest(to: name, in: known).map { "; did you mean `\($0)`?" } ?? ""
            return Diagnostic(
                place: .variable(name), path: name, problem: "there is no such key\(near)",
                mend: "unset it, or name a key of `kiln help-configuration`")
        }
    }
}

extension ConfigurationKey {
    /// The entries of a list in a variable or a default; of other keys the text itself.
    func split(_ text: String) -> [String] {
        guard case .addressRanges = kind else { return [text] }
        return text.split(separator: ",", omittingEmptySubsequences: true).map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }
}

// MARK: - Reading

extension ConfigurationValues {
    func value(_ path: String) -> ConfigurationValue? { values[path] }

    func text(_ path: String) -> String? {
        if case .text(let text)? = values[path] { text } else { nil }
    }

    func integer(_ path: String) -> Int? {
        if case .integer(let number)? = values[path] { number } else { nil }
    }

    func flag(_ path: String) -> Bool? {
        if case .boolean(let flag)? = values[path] { flag } else { nil }
    }

    func size(_ path: String) -> Int64? {
        if case .size(let size)? = values[path] { size } else { nil }
    }

    func span(_ path: String) -> Duration? {
        if case .span(let span)? = values[path] { span } else { nil }
    }

    func list(_ path: String) -> [String] {
        if case .list(let list)? = values[path] { list } else { [] }
    }

    func option<Option: RawRepresentable<String>>(_ path: String, _: Option.Type) -> Option? {
        text(path).flatMap(Option.init(rawValue:))
    }

    /// A value that is always there because the table gives its key a default that parses, which a test proves.
    func certain<Value>(_ path: String, _ value: Value?) -> Value {
        guard let value else { preconditionFailure("no default for \(path)") }
        return value
    }
}

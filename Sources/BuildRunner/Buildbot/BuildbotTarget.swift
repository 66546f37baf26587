import Domain
import Foundation
import Logging

/// The force scheduler and the one builder that a recipe's builds go to.
struct BuildbotTarget: Sendable {
    /// How one field of the scheduler's form wants its value.
    enum Kind: Hashable, Sendable {
        case text, number, flag, list
        /// Whatever is sent, the master's own value is taken.
        case fixed
    }

    let builder: String
    let builderID: Int
    let isEnabled: Bool
    let kinds: [String: Kind]
    /// Fields that put a text of their own in the place of an empty value.
    let fallbacks: [String: String]
    /// Fields that have to be given.
    let required: Set<String>

    /// Names that a control call uses itself.
    static let reserved: Set<String> = ["owner", "builderNames", "builderid"]

    /// - Throws: `.missing` if there is no such scheduler or builder.
    static func find(at master: BuildbotMaster) async throws(RemoteFault) -> BuildbotTarget {
        let path = "forceschedulers/\(master.settings.scheduler.percentEncoded)"
        let found = try await master.read(BuildbotAnswers.Schedulers.self, path)
        guard let scheduler = found.forceschedulers.first else {
            throw master.api.nonsense("\(master.api.name) answered without the scheduler", for: .reading)
        }
        // Several builders would each make a run of one call: it is one, always (P3).
        guard let builder = master.settings.builder ?? scheduler.builders.first, scheduler.builders.contains(builder)
        else {
            throw .missing(reason: "the scheduler has no such builder; it has \(scheduler.builders)")
        }
        let builders = try await master.read(BuildbotAnswers.Builders.self, "builders", [("name", builder)])
        guard let id = builders.builders.first?.id else { throw .missing(reason: "no builder `\(builder)`") }
        return BuildbotTarget(scheduler, builder: builder, id: id)
    }

    init(_ scheduler: BuildbotAnswers.Scheduler, builder: String, id: Int) {
        self.builder = builder
        builderID = id
        isEnabled = scheduler.isEnabled ?? true
        var kinds: [String: Kind] = [:]
        var fallbacks: [String: String] = [:]
        var required: Set<String> = []
        for field in scheduler.fields.flatMap(\.leaves) {
            guard let name = field.fullName else { continue }
            switch field.type {
            case "bool": kinds[name] = .flag
            case "int": kinds[name] = .number
            case "fixed": kinds[name] = .fixed
            default: kinds[name] = field.isMultiple == true ? .list : .text
            }
            if let fallback = field.fallback, !fallback.isEmpty { fallbacks[name] = fallback }
            if field.isRequired == true { required.insert(name) }
        }
        self.kinds = kinds
        self.fallbacks = fallbacks
        self.required = required
    }

    /// Whether runs that are started here can be found again.
    var keepsKey: Bool { kinds[JobParameters.attempt].map { $0 != .fixed } ?? false }

    /// A parameter as its field wants it; `nil` if the text cannot be that.
    func value(of parameter: JobParameters.Parameter) -> BuildbotValue? {
        switch kinds[parameter.name] {
        case .flag:
            // Buildbot takes a JSON true for on, and everything else, the text `true` too, for off.
            switch parameter.value.lowercased() {
            case "true", "1", "yes", "on": .flag(true)
            case "false", "0", "no", "off", "": .flag(false)
            default: nil
            }
        case .number: parameter.value.isEmpty ? .text("") : Int(parameter.value).map { .number($0) }
        case .list: .list(Self.list(parameter.value))
        case .text, .fixed, nil: .text(parameter.value)
        }
    }

    private static func list(_ text: String) -> [String] {
        if text.hasPrefix("["), let list = try? JSONDecoder().decode([String].self, from: Data(text.utf8)) {
            return list
        }
        return text.split(separator: ",").map(String.init)
    }
}

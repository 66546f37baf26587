import Domain
import Foundation

/// What one POST to a callback says, checked. Whatever is wrong is named, all at once (P8).
struct CallbackReport: Hashable, Sendable {
    struct Lines: Hashable, Sendable {
        var offset: Int64
        var bytes: [UInt8]
    }

    var phase: String?
    var percent: Int?
    var log: Lines?
    var result: RunReport.Result?
    var runID: String?
    var runURL: String?

    /// Characters.
    static let longestPhase = 80
    static let longestMessage = 500
    static let longestRunID = 200
    /// Bytes of the whole body.
    static let largestBody = 1 << 20

    /// Whether there is something to write down beside lines of log.
    var hasNews: Bool { phase != nil || percent != nil || result != nil || runID != nil || runURL != nil }

    /// - Throws: `WebError.malformed` for what is no JSON object, `CallbackFaults` for members that cannot be taken.
    init(json: [UInt8]) throws {
        let body: Body
        do {
            body = try JSONDecoder().decode(Body.self, from: Data(json))
        } catch {
            throw WebError.malformed(.json("The body is no JSON object."))
        }
        var faults = body.faults
        phase = body.phase
        percent = body.percent
        log = body.log
        runID = body.runID
        runURL = body.runURL
        switch body.result {
        case .succeeded: result = .succeeded
        case .failed:
            result = .failed(message: body.message ?? "The build failed.", kind: body.kind ?? .build)
        case nil: break
        }
        if body.result != .failed {
            for (name, isThere) in [("message", body.message != nil), ("kind", body.kind != nil)] where isThere {
                faults.append(.init(name, "out_of_place", "This belongs to a result that is \"failed\"."))
            }
        }
        if !faults.isEmpty { throw CallbackFaults(faults: faults) }
    }
}

/// The members of a report that cannot be taken.
struct CallbackFaults: Error, Hashable {
    var faults: [FaultMessage]

    /// More are not told: a body can hold any number (P6).
    static let most = 50
}

extension FaultMessage {
    fileprivate init(_ field: String, _ code: String, _ message: String) {
        self.init(field: field, code: code, message: message)
    }
}

/// The members as they came; what is wrong with one is no reason not to look at the others.
private struct Body: Decodable {
    enum Result: String {
        case succeeded, failed
    }

    struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    typealias Members = KeyedDecodingContainer<Name>

    var phase: String?
    var percent: Int?
    var log: CallbackReport.Lines?
    var result: Result?
    var message: String?
    var kind: Failure.Kind?
    var runID: String?
    var runURL: String?
    var faults: [FaultMessage] = []

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Name.self)
        // In a fixed order, so that faults are.
        for name in members.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
            if (try? members.decodeNil(forKey: name)) == true { continue }
            switch name.stringValue {
            case "phase": phase = text(members, name, upTo: CallbackReport.longestPhase)
            case "percent": percent = percent(members, name)
            case "log": log = lines(members, name)
            case "result": result = choice(members, name, among: ["succeeded", "failed"]).flatMap(Result.init)
            case "message": message = text(members, name, upTo: CallbackReport.longestMessage)
            case "kind":
                kind = choice(members, name, among: Failure.Kind.allCases.map(\.rawValue)).flatMap(Failure.Kind.init)
            case "run": run(members, name)
            default: add(name.stringValue, "unknown_field", "A report has no such member.")
            }
        }
    }

    private mutating func add(_ field: String, _ code: String, _ message: String) {
        guard faults.count < CallbackFaults.most else { return }
        // A name that is not ours comes back cut and printable.
        let shown = field.unicodeScalars.prefix(64).filter { ArtifactName.isShown($0) }
        faults.append(.init(String(String.UnicodeScalarView(shown)), code, message))
    }

    private mutating func text(_ members: Members, _ name: Name, upTo limit: Int, path: String? = nil) -> String? {
        let path = path ?? name.stringValue
        guard let text = try? members.decode(String.self, forKey: name) else {
            add(path, "wrong_type", "This has to be a text.")
            return nil
        }
        guard text.unicodeScalars.allSatisfy({ ArtifactName.isShown($0) }) else {
            add(path, "forbidden_characters", "This holds control or direction characters, such as line breaks.")
            return nil
        }
        guard text.contains(where: { !$0.isWhitespace }) else {
            add(path, "missing", "This is empty.")
            return nil
        }
        guard text.unicodeScalars.count <= limit else {
            add(path, "too_long", "This may have at most \(limit) characters.")
            return nil
        }
        return text
    }

    private mutating func percent(_ members: Members, _ name: Name) -> Int? {
        guard let number = try? members.decode(Double.self, forKey: name), (0...100).contains(number) else {
            add(name.stringValue, "out_of_range", "Give a number from 0 to 100.")
            return nil
        }
        return Int(number)
    }

    private mutating func choice(_ members: Members, _ name: Name, among allowed: [String]) -> String? {
        guard let text = try? members.decode(String.self, forKey: name), allowed.contains(text) else {
            add(name.stringValue, "not_a_choice", "Choose from: \(allowed.joined(separator: ", ")).")
            return nil
        }
        return text
    }

    private mutating func lines(_ members: Members, _ name: Name) -> CallbackReport.Lines? {
        guard let log = try? members.nestedContainer(keyedBy: Name.self, forKey: name) else {
            add("log", "wrong_type", "This has to be an object.")
            return nil
        }
        for key in log.allKeys where !["offset", "text", "base64"].contains(key.stringValue) {
            add("log." + key.stringValue, "unknown_field", "A log has no such member.")
        }
        let offset = try? log.decode(Int64.self, forKey: Name(stringValue: "offset"))
        if !(0..<Int64.max / 2).contains(offset ?? -1) {
            add("log.offset", "out_of_range", "Give the place of the first byte in the whole log: 0 or more.")
        }
        let text = try? log.decode(String.self, forKey: Name(stringValue: "text"))
        let base64 = try? log.decode(String.self, forKey: Name(stringValue: "base64"))
        let decoded = base64.flatMap { Data(base64Encoded: $0) }.map { [UInt8]($0) }
        guard (text == nil) != (decoded == nil), (base64 == nil) == (decoded == nil) else {
            add("log", "wrong_type", "Give the bytes either as \"text\" or as \"base64\".")
            return nil
        }
        guard let offset else { return nil }
        return CallbackReport.Lines(offset: offset, bytes: text.map { Array($0.utf8) } ?? decoded ?? [])
    }

    private mutating func run(_ members: Members, _ name: Name) {
        guard let run = try? members.nestedContainer(keyedBy: Name.self, forKey: name) else {
            add("run", "wrong_type", "This has to be an object.")
            return
        }
        for key in run.allKeys {
            if (try? run.decodeNil(forKey: key)) == true { continue }
            switch key.stringValue {
            case "id": runID = text(run, key, upTo: CallbackReport.longestRunID, path: "run.id")
            case "url":
                guard let address = (try? run.decode(String.self, forKey: key)).flatMap({ WebAddress($0) }) else {
                    add("run.url", "not_a_web_address", "Give an absolute http or https address.")
                    continue
                }
                runURL = address.text
            default: add("run." + key.stringValue, "unknown_field", "A run has no such member.")
            }
        }
    }
}

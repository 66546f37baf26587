import Foundation

extension ContractValidator {
    /// What is wrong with `value`, seen from `at`.
    func check(_ value: JSONValue, _ unresolved: Place, _ at: String) -> [String] {
        guard at.utf8.count < 1000, let place = resolve(unresolved), let schema = place.schema.members else {
            return []
        }
        if value == .null, schema["nullable"] == .flag(true) || unresolved.schema["nullable"] == .flag(true) {
            return []
        }
        var problems = checkType(value, schema, at)
        guard problems.isEmpty else { return problems }
        problems += checkChoice(value, schema, at)
        problems += checkCombined(value, place, schema, at)
        switch value {
        case .object(let members): problems += check(members, place, schema, at)
        case .list(let elements): problems += check(elements, place, schema, at)
        case .text(let text): problems += check(text, schema, at)
        case .integer(let number): problems += check(Double(number), schema, at)
        case .number(let number): problems += check(number, schema, at)
        case .null, .flag: break
        }
        return problems
    }

    private func checkType(_ value: JSONValue, _ schema: [String: JSONValue], _ at: String) -> [String] {
        let allowed: [String]
        switch schema["type"] {
        case .text(let name): allowed = [name]
        case .list(let names): allowed = names.compactMap(\.string)
        default: return []
        }
        let fits = allowed.contains { name in
            switch (name, value) {
            case ("null", .null), ("boolean", .flag), ("integer", .integer), ("number", .integer), ("number", .number),
                ("string", .text), ("array", .list), ("object", .object):
                true
            default: false
            }
        }
        return fits ? [] : ["\(at) is \(shown(value)), not \(allowed.joined(separator: " or "))"]
    }

    private func checkChoice(_ value: JSONValue, _ schema: [String: JSONValue], _ at: String) -> [String] {
        if let constant = schema["const"], constant != value { return ["\(at) is \(shown(value)), not \(constant)"] }
        guard let choices = schema["enum"]?.elements, !choices.contains(value) else { return [] }
        return ["\(at) is \(shown(value)), none of \(choices.map { shown($0) }.joined(separator: ", "))"]
    }

    /// `oneOf` as `anyOf`: descriptions are seldom exact enough for exactly one.
    private func checkCombined(
        _ value: JSONValue, _ place: Place, _ schema: [String: JSONValue], _ at: String
    ) -> [String] {
        // A member may be described by any of the parts, so that none of them alone can call it unknown.
        var loose = place
        loose.isStrict = false
        var problems = (schema["allOf"]?.elements ?? []).flatMap { check(value, loose.inner($0), at) }
        for name in ["anyOf", "oneOf"] {
            guard let choices = schema[name]?.elements else { continue }
            let found = choices.map { check(value, loose.inner($0), at) }
            guard !found.contains(where: \.isEmpty), let nearest = found.min(by: { $0.count < $1.count }) else {
                continue
            }
            problems += ["\(at) fits none of \(name)"] + nearest
        }
        return problems
    }

    private func check(
        _ members: [String: JSONValue], _ place: Place, _ schema: [String: JSONValue], _ at: String
    ) -> [String] {
        let described = schema["properties"]?.members ?? [:]
        var problems = (schema["required"]?.elements ?? []).compactMap(\.string).filter { members[$0] == nil }
            .map { "\(at).\($0) is missing" }
        if let most = schema["maxProperties"]?.count, members.count > most {
            problems.append("\(at) has \(members.count) members, at most \(most)")
        }
        if let least = schema["minProperties"]?.count, members.count < least {
            problems.append("\(at) has \(members.count) members, at least \(least)")
        }
        let isCombined = schema["allOf"] != nil || schema["anyOf"] != nil || schema["oneOf"] != nil
        for (name, member) in members.sorted(by: { $0.key < $1.key }) {
            if let inner = described[name] {
                problems += check(member, place.inner(inner), "\(at).\(name)")
                continue
            }
            switch schema["additionalProperties"] {
            case .flag(false): problems.append("\(at).\(name) is not described")
            case .some(let inner) where inner.members != nil:
                problems += check(member, place.inner(inner), "\(at).\(name)")
            case nil where place.isStrict && schema["properties"] != nil && !isCombined:
                problems.append("\(at).\(name) is not described")
            default: break
            }
        }
        return problems
    }

    private func check(
        _ elements: [JSONValue], _ place: Place, _ schema: [String: JSONValue], _ at: String
    ) -> [String] {
        var problems: [String] = []
        if let most = schema["maxItems"]?.count, elements.count > most {
            problems.append("\(at) has \(elements.count) elements, at most \(most)")
        }
        if let least = schema["minItems"]?.count, elements.count < least {
            problems.append("\(at) has \(elements.count) elements, at least \(least)")
        }
        for (number, element) in elements.enumerated() {
            let inner: JSONValue? =
                switch schema["items"] {
                case .list(let schemas): number < schemas.count ? schemas[number] : nil
                case let one: one
                }
            if let inner { problems += check(element, place.inner(inner), "\(at)[\(number)]") }
        }
        return problems
    }

    private func check(_ text: String, _ schema: [String: JSONValue], _ at: String) -> [String] {
        if let most = schema["maxLength"]?.count, text.unicodeScalars.count > most {
            return ["\(at) is longer than \(most)"]
        }
        if let least = schema["minLength"]?.count, text.unicodeScalars.count < least {
            return ["\(at) is shorter than \(least)"]
        }
        if let pattern = schema["pattern"]?.string, let regex = try? Regex(pattern), text.firstMatch(of: regex) == nil {
            return ["\(at) does not match \(pattern)"]
        }
        switch schema["format"]?.string {
        case "date-time", "timestamp":
            return text.firstMatch(of: /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d/) == nil
                ? ["\(at) is no moment: \(text)"] : []
        case "uri":
            return text.firstMatch(of: /^[a-z][a-z0-9+.-]*:/) == nil ? ["\(at) is no address: \(text)"] : []
        default: return []
        }
    }

    private func check(_ number: Double, _ schema: [String: JSONValue], _ at: String) -> [String] {
        func bound(_ name: String) -> Double? {
            switch schema[name] {
            case .integer(let bound): Double(bound)
            case .number(let bound): bound
            default: nil
            }
        }
        if let least = bound("minimum"), number < least { return ["\(at) is below \(least)"] }
        if let most = bound("maximum"), number > most { return ["\(at) is above \(most)"] }
        return []
    }

    private func shown(_ value: JSONValue) -> String {
        String(String(decoding: value.bytes, as: UTF8.self).prefix(60))
    }
}

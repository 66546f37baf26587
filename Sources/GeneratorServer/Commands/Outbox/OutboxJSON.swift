import Domain

/// Deliveries for programs; the names are those of the API where it has them.
enum OutboxJSON {
    static func json(_ delivery: Delivery, tries: [DeliveryTry]? = nil) -> JSON {
        var members: [JSON.Member] = []
        func add(_ name: String, _ value: JSON) { members.append(JSON.Member(name: name, value: value)) }
        add("entry", .string(delivery.id.text))
        add("build", .string(delivery.build.text))
        add("kind", .string(delivery.kind.rawValue))
        add("to", .string(delivery.to))
        add("language", .string(delivery.language.text))
        add("status", .string(delivery.status.rawValue))
        add("attempts", .integer(Int64(delivery.attempts)))
        add("last_error", .optional(delivery.lastError))
        add("created_at", .string(delivery.createdAt.description))
        add("settled_at", .optional(delivery.settledAt?.description))
        add("next_try_at", .optional(delivery.nextTryAt?.description))
        add("transport", .optional(delivery.transport))
        add("receipt", .optional(delivery.receipt))
        if let tries { add("tries", .array(tries.map(json))) }
        return .object(members)
    }

    static func json(_ suppression: Suppression) -> JSON {
        [
            "address": .string(suppression.address), "reason": .string(suppression.reason.rawValue),
            "words": .optional(suppression.words), "since": .string(suppression.since.description),
            "until": .string(suppression.until.description),
        ]
    }

    static func print(_ json: JSON) {
        CommandOutput.write(String(decoding: json.prettyBytes, as: UTF8.self), to: .output)
    }

    private static func json(_ one: DeliveryTry) -> JSON {
        [
            "number": .integer(Int64(one.number)), "at": .string(one.at.description),
            "transport": .string(one.transport), "outcome": .string(one.outcome.rawValue),
            "words": .optional(one.words),
        ]
    }
}

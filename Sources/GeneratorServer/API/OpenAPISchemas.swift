/// The schemas of the API's answers.
enum OpenAPISchemas {
    static let all: JSON = ["Build": build, "Recipe": recipe, "Problem": problem]

    private static let text: JSON = ["type": "string"]
    private static let maybeText: JSON = ["type": ["string", "null"]]
    private static let whole: JSON = ["type": "integer"]
    private static let maybeWhole: JSON = ["type": ["integer", "null"]]
    private static let moment: JSON = ["type": "string", "format": "date-time"]
    private static let maybeMoment: JSON = ["type": ["string", "null"], "format": "date-time"]

    private static func object(_ properties: [(String, JSON)], orNull: Bool = false) -> JSON {
        [
            "type": orNull ? ["object", "null"] : "object",
            "required": .array(properties.map { .string($0.0) }),
            "properties": .object(properties.map { JSON.Member(name: $0.0, value: $0.1) }),
        ]
    }

    private static func list(_ items: JSON) -> JSON { ["type": "array", "items": items] }

    private static let build = object([
        ("id", text), ("recipe", text),
        (
            "state",
            [
                "type": "string",
                "enum": [
                    "queued", "triggering", "running", "collecting", "verifying", "succeeded", "failed", "cancelled",
                    "expired",
                ],
            ]
        ),
        ("phase", phase),
        ("queue", object([("position", whole), ("eta_seconds", maybeWhole)], orNull: true)),
        ("created_at", moment), ("started_at", maybeMoment), ("finished_at", maybeMoment),
        ("inputs", ["type": "object"]),
        (
            "artifacts",
            list(
                object([
                    ("name", text), ("url", text), ("bytes", whole), ("sha256", text), ("content_type", text),
                    ("expires_at", maybeMoment),
                ]))
        ),
        ("failure", object([("kind", text), ("message", text), ("log_url", maybeText)], orNull: true)),
        (
            "deliveries",
            list(object([("to", text), ("status", text), ("attempts", whole), ("last_error", maybeText)]))
        ),
        ("run", object([("provider", text), ("id", text), ("url", maybeText)], orNull: true)),
        ("target", maybeText), ("targets", targets), ("links", ["type": "object"]),
    ])

    private static let phase = object([("label", text), ("percent", maybeWhole)], orNull: true)

    /// `null` but for the lead of a group.
    private static let targets: JSON = [
        "type": ["array", "null"],
        "items": object([
            ("target", maybeText), ("id", text), ("state", text), ("phase", phase), ("url", text),
        ]),
    ]

    private static let recipe = object([
        ("id", text), ("title", text), ("summary", text), ("links", ["type": "object"]),
    ])

    private static let problem: JSON = [
        "type": "object", "required": ["type", "title", "status", "detail", "code", "id"],
        "properties": [
            "type": text, "title": text, "status": whole, "detail": text, "code": text, "mend": maybeText, "id": text,
            "errors": list(object([("field", text), ("code", text), ("message", text)])),
        ],
    ]
}

/// The schemas of the API's answers.
enum OpenAPISchemas {
    static let all: JSON = [
        "Build": build, "Recipe": recipe, "Problem": problem, "Report": report, "ReportAnswer": reportAnswer,
        "JobDocument": jobDocument, "Status": status, "AppRequest": OpenAPIGenerator.request,
        "AppStarted": OpenAPIGenerator.started, "AppState": OpenAPIGenerator.state,
        "AppError": OpenAPIGenerator.error,
    ]

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
        ("number", whole),
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
            list(
                object([
                    ("to", text),
                    (
                        "status",
                        [
                            "type": "string",
                            "enum": [
                                "waiting", "accepted", "deferred", "delivered", "bounced", "refused", "cancelled",
                            ],
                        ]
                    ), ("attempts", whole), ("last_error", maybeText),
                    (
                        "kind",
                        [
                            "type": "string",
                            "enum": ["succeeded", "failed", "cancelled", "expired", "confirmation"],
                        ]
                    ), ("transport", maybeText), ("created_at", moment), ("settled_at", maybeMoment),
                    ("next_try_at", maybeMoment),
                ]))
        ),
        ("run", object([("provider", text), ("id", text), ("url", maybeText)], orNull: true)),
        ("language", text), ("confirm_by", maybeMoment), ("target", maybeText), ("targets", targets),
        ("links", ["type": "object"]),
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

    /// What a run may say; every member may be left out.
    private static let report: JSON = [
        "type": "object", "additionalProperties": false,
        "properties": [
            "phase": ["type": "string", "minLength": 1, "maxLength": 80],
            "percent": ["type": "number", "minimum": 0, "maximum": 100],
            "log": [
                "type": "object", "required": ["offset"], "additionalProperties": false,
                "properties": ["offset": ["type": "integer", "minimum": 0], "text": text, "base64": text],
            ],
            "result": ["type": "string", "enum": ["succeeded", "failed"]],
            "message": ["type": "string", "minLength": 1, "maxLength": 500],
            "kind": ["type": "string", "enum": ["input", "build", "infrastructure", "timeout"]],
            "run": [
                "type": "object", "additionalProperties": false,
                "properties": [
                    "id": ["type": "string", "maxLength": 200], "url": ["type": "string", "format": "uri"],
                ],
            ],
        ],
    ]

    private static let reportAnswer = object([
        ("state", text), ("log_offset", whole),
        ("files", list(object([("name", text), ("bytes", whole), ("complete", ["type": "boolean"])]))),
    ])

    private static let jobDocument = object([
        ("id", text), ("attempt", text), ("callback", object([("url", text), ("token", text)])),
        ("recipe", object([("id", text), ("title", text), ("version", text)])), ("target", maybeText),
        ("submitted_at", moment), ("fields", ["type": "object"]),
        (
            "inputs",
            list(
                object([
                    ("field", text), ("name", text), ("url", text), ("bytes", whole), ("sha256", text),
                    ("content_type", text),
                ]))
        ),
        ("parameters", ["type": "object"]), ("bundle", object([("url", text)])), ("page", text),
        ("expires_with", text), ("number", whole),
    ])

    private static let status = object([
        ("timestamp", moment),
        (
            "providers",
            list(
                object([
                    ("name", text), ("up", ["type": "boolean"]), ("since", maybeMoment), ("waiting", whole),
                    ("under_way", whole), ("expected_wait_seconds", maybeWhole),
                ]))
        ),
    ])

    private static let problem: JSON = [
        "type": "object", "required": ["type", "title", "status", "detail", "code", "id"],
        "properties": [
            "type": text, "title": text, "status": whole, "detail": text, "code": text, "mend": maybeText, "id": text,
            "errors": list(object([("field", text), ("code", text), ("message", text)])),
        ],
    ]
}

/// The old app generator's API, which a recipe with `generator_api` answers.
enum OpenAPIGenerator {
    private static let id = OpenAPI.parameter("id", in: "path", ["type": "string"])
    private static let error400: JSON = OpenAPI.answer(
        "`invalid data`, `Valid Email is required` or `Valid endpoint URL is required`.",
        OpenAPI.reference("AppError"))
    private static let anyError: JSON = OpenAPI.answer("What is wrong.", OpenAPI.reference("AppError"))

    static let paths: JSON = [
        "/api/v2/generate": [
            "post": [
                "operationId": "generateApp", "parameters": [OpenAPI.parameter("idempotencyKey")],
                "requestBody": [
                    "required": true,
                    "description": "Read as JSON, whatever its type.",
                    "content": ["application/json": ["schema": OpenAPI.reference("AppRequest")]],
                ],
                "responses": [
                    "200": OpenAPI.answer("Accepted.", OpenAPI.reference("AppStarted")), "400": error400,
                    "default": anyError,
                ],
            ]
        ],
        "/api/v2/app/{id}/status": [
            "get": [
                "operationId": "getAppState", "parameters": [id],
                "responses": [
                    "200": OpenAPI.answer("As it stands now.", OpenAPI.reference("AppState")), "default": anyError,
                ],
            ]
        ],
        "/api/v2/app/{id}/download": [
            "get": [
                "operationId": "downloadApp", "parameters": [id],
                "responses": [
                    "200": [
                        "description": "The app.",
                        "content": ["application/vnd.android.package-archive": ["schema": ["type": "string"]]],
                    ], "206": ["description": "A part of it."],
                    "404": OpenAPI.answer("It is not made, or not yet.", OpenAPI.reference("AppError")),
                    "410": OpenAPI.answer("It was kept for its time.", OpenAPI.reference("AppError")),
                    "default": anyError,
                ],
            ]
        ],
    ]

    static let request: JSON = [
        "type": "object", "required": ["email", "endpoint"],
        "properties": [
            "email": ["type": "string", "format": "email"], "endpoint": ["type": "string", "format": "uri"],
        ],
    ]

    static let started: JSON = [
        "type": "object", "required": ["status", "identifier", "started_at", "task_id"],
        "properties": [
            "status": ["type": "string", "enum": ["ok"]], "identifier": ["type": "string"],
            "started_at": ["type": "string", "description": "As RFC 9110 writes dates."],
            "task_id": ["type": "string", "description": "The same as identifier."],
        ],
    ]

    static let state: JSON = [
        "type": "object", "required": ["state"],
        "properties": [
            "state": [
                "type": "string", "description": "PENDING, STARTED or what is being done, SUCCESS, FAILURE.",
            ],
            "result": [
                "type": "string",
                "description": "After SUCCESS the path of the app on this host, after FAILURE why there is none.",
            ],
        ],
    ]

    static let error: JSON = [
        "type": "object", "required": ["status", "code", "message", "reason"],
        "properties": [
            "status": ["type": "string", "enum": ["error"]],
            "code": ["type": "integer", "description": "The status of the answer."], "message": ["type": "string"],
            "reason": ["type": "string", "description": "Stable, as in the problems of the other API."],
            "errors": [
                "type": "array",
                "items": [
                    "type": "object", "required": ["field", "code", "message"],
                    "properties": [
                        "field": ["type": "string"], "code": ["type": "string"], "message": ["type": "string"],
                    ],
                ],
            ],
        ],
    ]
}

/// The description of the API for programs (OpenAPI 3.1).
enum OpenAPI {
    static func description(server: String) -> JSON {
        [
            "openapi": "3.1.0",
            "info": ["title": "Kiln", "version": "1", "summary": "Start builds and follow them."],
            "servers": [["url": .string(server)]],
            "paths": paths.merged(with: OpenAPIGenerator.paths).merged(with: OpenAPIJobs.paths),
            "components": [
                "schemas": OpenAPISchemas.all, "parameters": parameters, "responses": responses,
                "securitySchemes": ["run": ["type": "http", "scheme": "bearer"]],
            ],
        ]
    }

    private static let parameters: JSON = [
        "id": parameter("id", in: "path", ["type": "string", "pattern": "^[0-9a-hjkmnp-tv-z]{26}$"]),
        "recipe": parameter("id", in: "path", ["type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$"]),
        "idempotencyKey": [
            "name": "Idempotency-Key", "in": "header", "required": false,
            "schema": ["type": "string", "minLength": 1, "maxLength": 200],
            "description": "The same key with the same request is the same build.",
        ],
        "fresh": flag("fresh", "1: built anew, even if the same was built before and its result could be given out."),
        "ansi": flag(
            "ansi",
            "1: with the terminal sequences that say colours. Offsets and ranges are always of what is served."),
    ]

    private static func flag(_ name: JSON, _ text: JSON) -> JSON {
        [
            "name": name, "in": "query", "required": false, "schema": ["type": "string", "enum": ["0", "1"]],
            "description": text,
        ]
    }

    static func parameter(_ name: JSON, in place: JSON, _ schema: JSON) -> JSON {
        ["name": name, "in": place, "required": true, "schema": schema]
    }

    private static let responses: JSON = [
        "problem": [
            "description": "What is wrong, and how to mend it (RFC 9457).",
            "content": ["application/problem+json": ["schema": reference("Problem")]],
        ]
    ]

    static func reference(_ name: String) -> JSON { ["$ref": .string("#/components/schemas/" + name)] }
    static func parameter(_ name: String) -> JSON { ["$ref": .string("#/components/parameters/" + name)] }
    static let problem: JSON = ["$ref": "#/components/responses/problem"]

    static func answer(_ text: JSON, _ schema: JSON) -> JSON {
        ["description": text, "content": ["application/json": ["schema": schema]]]
    }

    private static let submissionAnswers: JSON = [
        "202": answer("Accepted; Location leads to the build.", reference("Build")), "default": problem,
    ]

    private static let paths: JSON = [
        "/api/v1/recipes": [
            "get": [
                "operationId": "listRecipes",
                "responses": [
                    "200": answer(
                        "What can be built.",
                        [
                            "type": "object", "required": ["recipes"],
                            "properties": ["recipes": ["type": "array", "items": reference("Recipe")]],
                        ]), "default": problem,
                ],
            ]
        ],
        "/api/v1/recipes/{id}": [
            "get": [
                "operationId": "getRecipe", "parameters": [parameter("recipe")],
                "responses": [
                    "200": answer("With the JSON Schema of its form as `form`.", reference("Recipe")),
                    "default": problem,
                ],
            ]
        ],
        "/api/v1/recipes/{id}/builds": [
            "post": [
                "operationId": "startBuild",
                "parameters": [parameter("recipe"), parameter("idempotencyKey"), parameter("fresh")],
                "requestBody": [
                    "required": true,
                    "content": [
                        "application/json": ["schema": ["type": "object"]],
                        "multipart/form-data": ["schema": ["type": "object"]],
                    ],
                ], "responses": submissionAnswers,
            ]
        ],
        "/api/v1/builds": [
            "get": [
                "operationId": "getBuilds",
                "parameters": [
                    [
                        "name": "ids", "in": "query", "required": true, "schema": ["type": "string"],
                        "description": "Ids of builds, with commas between them. There is no list of all builds.",
                    ]
                ],
                "responses": [
                    "200": answer(
                        "Those that are known.",
                        [
                            "type": "object", "required": ["builds"],
                            "properties": ["builds": ["type": "array", "items": reference("Build")]],
                        ]), "default": problem,
                ],
            ],
            "post": [
                "operationId": "startBuildOf", "parameters": [parameter("idempotencyKey"), parameter("fresh")],
                "requestBody": [
                    "required": true,
                    "content": [
                        "application/json": [
                            "schema": [
                                "type": "object", "required": ["recipe"],
                                "properties": ["recipe": ["type": "string"], "inputs": ["type": "object"]],
                            ]
                        ]
                    ],
                ], "responses": submissionAnswers,
            ],
        ],
        "/api/v1/builds/{id}": [
            "get": [
                "operationId": "getBuild", "parameters": [parameter("id")],
                "responses": ["200": answer("As it stands now.", reference("Build")), "default": problem],
            ]
        ],
        "/api/v1/builds/{id}/events": [
            "get": [
                "operationId": "followBuild", "parameters": [parameter("id"), parameter("ansi")],
                "responses": [
                    "200": [
                        "description":
                            "Events `state` (a build), `log` ({offset, text}) and `end`. An offset counts the log with `ansi`.",
                        "content": ["text/event-stream": ["schema": ["type": "string"]]],
                    ], "204": ["description": "All was told: do not come back."], "default": problem,
                ],
            ]
        ],
        "/api/v1/builds/{id}/log": [
            "get": [
                "operationId": "getLog", "parameters": [parameter("id"), parameter("ansi")],
                "responses": [
                    "200": [
                        "description": "The log.", "content": ["text/plain": ["schema": ["type": "string"]]],
                    ], "206": ["description": "A part of it."], "default": problem,
                ],
            ]
        ],
        "/api/v1/builds/{id}/cancel": [
            "post": [
                "operationId": "cancelBuild", "parameters": [parameter("id")],
                "responses": ["200": answer("As it stands now.", reference("Build")), "default": problem],
            ]
        ],
        "/api/v1/builds/{id}/confirmation": [
            "post": [
                "operationId": "sendConfirmationAgain", "parameters": [parameter("id")],
                "responses": ["200": answer("As it stands now.", reference("Build")), "default": problem],
            ]
        ],
        "/api/v1/builds/{id}/rebuild": [
            "post": [
                "operationId": "repeatBuild", "parameters": [parameter("id"), parameter("idempotencyKey")],
                "responses": submissionAnswers,
            ]
        ],
    ]
}

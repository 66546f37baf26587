/// What jobs and CIs use of the API, and the public status.
enum OpenAPIJobs {
    private static let capability = OpenAPI.parameter("capability", in: "path", ["type": "string"])
    private static let name = OpenAPI.parameter("name", in: "path", ["type": "string"])
    private static let asRun: JSON = [["run": []]]
    private static let noFile: JSON = ["description": "The capability is forged or unknown, or its attempt has ended."]

    private static func bytes(_ text: JSON, _ type: String) -> JSON {
        ["description": text, "content": .object([JSON.Member(name: type, value: ["schema": ["type": "string"]])])]
    }

    static let paths: JSON = [
        "/uploads/{capability}/build.json": [
            "get": [
                "operationId": "getJobDocument", "parameters": [capability],
                "responses": [
                    "200": OpenAPI.answer("What a run is told of its build.", OpenAPI.reference("JobDocument")),
                    "404": noFile,
                ],
            ]
        ],
        "/uploads/{capability}/inputs.tar.gz": [
            "get": [
                "operationId": "getJobInputs", "parameters": [capability],
                "responses": ["200": bytes("All inputs of a run.", "application/gzip"), "404": noFile],
            ]
        ],
        "/uploads/{capability}/{name}": [
            "get": [
                "operationId": "getInput", "parameters": [capability, name],
                "responses": [
                    "200": bytes("One input.", "application/octet-stream"),
                    "206": ["description": "A part of it."], "404": noFile,
                ],
            ]
        ],
        "/builds/{id}/callback": [
            "post": [
                "operationId": "report", "parameters": [OpenAPI.parameter("id")], "security": asRun,
                "requestBody": [
                    "required": true, "content": ["application/json": ["schema": OpenAPI.reference("Report")]],
                ],
                "responses": [
                    "200": OpenAPI.answer("Taken.", OpenAPI.reference("ReportAnswer")),
                    "409": ["description": "Lines before these are missing: go on at Upload-Offset."],
                    "default": OpenAPI.problem,
                ],
            ]
        ],
        "/builds/{id}/callback/files/{name}": [
            "head": [
                "operationId": "getFileOffset", "parameters": [OpenAPI.parameter("id"), name], "security": asRun,
                "responses": [
                    "200": ["description": "So much of it has arrived: Upload-Offset, Upload-Complete."],
                    "404": ["description": "Nothing of it has arrived."],
                ],
            ],
            "put": [
                "operationId": "sendFile", "parameters": [OpenAPI.parameter("id"), name], "security": asRun,
                "requestBody": bytes(
                    "All of the file, or the part that Content-Range names.", "application/octet-stream"),
                "responses": [
                    "200": ["description": "Taken; Upload-Complete says whether that is all of it."],
                    "409": ["description": "Bytes before these are missing: go on at Upload-Offset."],
                    "default": OpenAPI.problem,
                ],
            ],
        ],
        "/status": [
            "get": [
                "operationId": "getStatus",
                "responses": ["200": OpenAPI.answer("How busy Kiln is.", OpenAPI.reference("Status"))],
            ]
        ],
    ]
}

extension JSON {
    /// The members of both objects.
    func merged(with other: JSON) -> JSON {
        guard case .object(let own) = self, case .object(let more) = other else { return self }
        return .object(own + more)
    }
}

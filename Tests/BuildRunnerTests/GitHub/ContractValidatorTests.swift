import Foundation
import TestSupport
import Testing

struct ContractValidatorTests {
    private static let document: JSONValue = [
        "paths": [
            "/things/{id}": [
                "parameters": [["$ref": "#/components/parameters/id"]],
                "get": [
                    "parameters": [
                        ["name": "state", "in": "query", "schema": ["type": "string", "enum": ["on", "off"]]]
                    ],
                    "responses": [
                        "200": ["content": ["application/json": ["schema": ["$ref": "#/components/schemas/thing"]]]]
                    ],
                ],
                "post": [
                    "requestBody": [
                        "required": true,
                        "content": ["application/json": ["schema": ["$ref": "#/components/schemas/order"]]],
                    ],
                    "responses": ["204": ["description": "made"]],
                ],
            ],
            "/things/all": ["get": ["responses": ["200": ["description": "all"]]]],
        ],
        "components": [
            "parameters": ["id": ["name": "id", "in": "path", "required": true, "schema": ["type": "integer"]]],
            "schemas": [
                "thing": [
                    "type": "object", "required": ["id", "made_at"],
                    "properties": [
                        "id": ["type": "integer"], "made_at": ["type": "string", "format": "date-time"],
                        "note": ["type": "string", "nullable": true], "rest": ["$ref": "elsewhere.json"],
                        "parts": ["type": "array", "maxItems": 1, "items": ["oneOf": [["type": "string"]]]],
                    ],
                ],
                "order": [
                    "type": "object", "required": ["name"],
                    "properties": [
                        "name": ["type": ["string", "null"]],
                        "inputs": ["type": "object", "additionalProperties": true, "maxProperties": 1],
                    ],
                ],
            ],
        ],
    ]
    private let validator = ContractValidator(document)

    @Test(
        arguments: [
            (["id": 1, "made_at": "2026-01-02T03:04:05Z", "note": nil, "rest": 5, "more": true], 0),
            (["id": "1", "made_at": "2026-01-02T03:04:05Z"], 1), (["id": 1], 1), ([], 1),
            (["id": 1, "made_at": "yesterday", "parts": ["a", "b"]], 2),
            (["id": 1, "made_at": "2026-01-02T03:04:05Z", "parts": [1]], 2),
        ] as [(JSONValue, Int)])
    func `A value is held to its schema`(value: JSONValue, count: Int) {
        #expect(validator.problems(of: value, with: "/components/schemas/thing").count == count)
    }

    @Test(
        arguments: [
            ("GET", "/things/7", ["state": "on"], nil, 0),
            ("GET", "/things/x", ["state": "maybe", "page": "1"], nil, 3),
            ("GET", "/nothing", [:], nil, 1), ("DELETE", "/things/7", [:], nil, 1), ("GET", "/things/all", [:], nil, 0),
            ("POST", "/things/7", [:], ["name": nil, "inputs": ["any": 1]], 0),
            ("POST", "/things/7", [:], ["name": "x", "unknown": 1, "inputs": ["any": 1, "more": 2]], 2),
            ("POST", "/things/7", [:], nil, 1), ("GET", "/things/7", [:], ["name": "x"], 1),
        ] as [(String, String, [String: String], JSONValue?, Int)])
    func `A request is held to its operation`(
        method: String, path: String, query: [String: String], body: JSONValue?, count: Int
    ) {
        let problems = validator.problems(ofRequest: method, path, query: query, body: body)
        #expect(problems.count == count, "\(problems)")
    }

    @Test
    func `An answer is held to its operation, and errors need no description`() {
        #expect(validator.problems(ofAnswer: 200, body: ["id": 1], to: "GET", "/things/1").count == 1)
        #expect(validator.problems(ofAnswer: 200, body: nil, to: "GET", "/things/1").count == 1)
        #expect(validator.problems(ofAnswer: 201, body: nil, to: "POST", "/things/1").count == 1)
        #expect(validator.problems(ofAnswer: 204, body: nil, to: "POST", "/things/1").isEmpty)
        #expect(validator.problems(ofAnswer: 502, body: nil, to: "GET", "/things/1").isEmpty)
    }

    @Test(arguments: [
        "Artifact.testGetArtifactsFromWorkflow", "Artifact.testGetSingleArtifactFromRepo", "GitRelease.testGetAssets",
        "GitRelease.testGetReleaseByTag", "RateLimiting.testResetTime", "Workflow.testCreateDispatchException",
        "WorkflowJob.setUp", "WorkflowRun.setUp", "WorkflowRun.test_jobs",
    ])
    func `Answers that GitHub gave fit GitHub's description`(name: String) throws {
        guard let validator = try ContractValidator.find("github/openapi-actions-releases-2021.json"),
            let path = ContractValidator.path(of: "github/recorded/\(name).json")
        else { return }
        let recorded = try #require(JSONValue(Array(try Data(contentsOf: URL(filePath: path)))))
        var checked = 0
        for exchange in recorded["exchanges"]?.elements ?? [] {
            guard let method = exchange["request"]?["method"]?.string,
                let url = exchange["request"]?["url"]?.string.flatMap({ URL(string: $0) }),
                let status = exchange["response"]?["status"]?.count, status < 300,
                validator.problems(ofRequest: method, url.path).isEmpty
            else { continue }
            checked += 1
            let problems = validator.problems(
                ofAnswer: Int(status), body: exchange["response"]?["body"], to: method, url.path)
            #expect(problems.isEmpty, "\(url.path)")
        }
        #expect(checked > 0)
    }
}

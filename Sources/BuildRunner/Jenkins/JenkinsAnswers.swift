/// Jenkins' JSON, as far as it is read. Every field may be missing: plugins and versions differ.
enum JenkinsAnswers {
    struct Crumb: Decodable {
        var crumb: String
        var crumbRequestField: String
    }

    /// A parameter's value, of whatever type; passwords show none.
    struct Parameter: Decodable {
        var name: String?
        var text: String?

        private enum Key: CodingKey {
            case name, value
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            name = try? container.decodeIfPresent(String.self, forKey: .name)
            text = try? container.decodeIfPresent(String.self, forKey: .value)
        }
    }

    struct Action: Decodable {
        var parameters: [Parameter]?
    }

    struct Queue: Decodable {
        var items: [QueueItem]
    }

    struct QueueItem: Decodable {
        struct Executable: Decodable {
            var number: Int64
        }

        var id: Int64
        var cancelled: Bool?
        /// The build that it became.
        var executable: Executable?
        var actions: [Action?]?
    }

    struct Builds: Decodable {
        var allBuilds: [Build]
    }

    struct Build: Decodable {
        var kind: String?
        var number: Int64
        var building: Bool?
        var result: String?
        var actions: [Action?]?

        private enum CodingKeys: String, CodingKey {
            case kind = "_class"
            case number, building, result, actions
        }

        var isPipeline: Bool { kind?.hasSuffix(".WorkflowRun") ?? false }
    }

    struct Pipeline: Decodable {
        struct Stage: Decodable {
            var name: String
            var status: String
        }

        var stages: [Stage]
    }

    struct Artifacts: Decodable {
        struct File: Decodable {
            var fileName: String
            var relativePath: String
        }

        var artifacts: [File]
    }

    struct Job: Decodable {
        struct Definition: Decodable {
            var name: String
            var type: String?
        }

        struct Property: Decodable {
            var parameterDefinitions: [Definition]?
        }

        var buildable: Bool?
        var property: [Property?]?
        /// Where old versions show the definitions.
        var actions: [Property?]?

        var definitions: [Definition] {
            ((property ?? []) + (actions ?? [])).compactMap { $0?.parameterDefinitions }.first { !$0.isEmpty } ?? []
        }
    }
}

extension [JenkinsAnswers.Action?] {
    /// What the parameter of this name was set to.
    func parameter(_ name: String) -> String? {
        for action in self {
            if let found = action?.parameters?.first(where: { $0.name == name }) { return found.text }
        }
        return nil
    }
}

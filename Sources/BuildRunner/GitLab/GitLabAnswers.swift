import Domain

/// What GitLab answers (API version 4), as far as Kiln reads it.
struct GitLabPipeline: Decodable, Sendable {
    var id: Int64
    var status: String
    var source: String?
    var created_at: String?
    var web_url: String?
    var yaml_errors: String?
}

struct GitLabVariable: Decodable, Sendable {
    var key: String
    var value: String?
}

struct GitLabJob: Decodable, Sendable {
    struct File: Decodable, Sendable {
        var file_type: String?
        var size: Int64?
    }

    var id: Int64
    var name: String
    var stage: String
    var status: String
    var started_at: String?
    var allow_failure: Bool?
    var failure_reason: String?
    var artifacts: [File]?
    var artifacts_file: File?
}

struct GitLabRelease: Decodable, Sendable {
    struct Assets: Decodable, Sendable {
        var links: [Link]?
    }

    struct Link: Decodable, Sendable {
        var name: String
        var url: String
        var direct_asset_url: String?
    }

    var assets: Assets?
}

struct GitLabProject: Decodable, Sendable {
    var path_with_namespace: String?
    var builds_access_level: String?
    /// Who may give a pipeline variables; told to maintainers only.
    var ci_pipeline_variables_minimum_override_role: String?
}

struct GitLabToken: Decodable, Sendable {
    var scopes: [String]?
    var expires_at: String?
}

/// Why GitLab refuses: `message` is a text, a list or lists by name; `error` is a text.
struct GitLabRefusal: Decodable, Sendable {
    var words: String

    private enum Key: String, CodingKey {
        case message, error
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        if let text = try? fields.decode(String.self, forKey: .message) {
            words = text
        } else if let texts = try? fields.decode([String].self, forKey: .message) {
            words = texts.joined(separator: "; ")
        } else if let texts = try? fields.decode([String: [String]].self, forKey: .message) {
            words = texts.sorted { $0.key < $1.key }.flatMap(\.value).joined(separator: "; ")
        } else {
            words = try fields.decode(String.self, forKey: .error)
        }
    }
}

/// What Buildbot's data API (version 2) answers, as far as Kiln reads it.
enum BuildbotAnswers {
    struct Requests: Decodable { var buildrequests: [Request] }
    struct Builds: Decodable { var builds: [Build] }
    struct Builders: Decodable { var builders: [Builder] }
    struct Steps: Decodable { var steps: [Step] }
    struct Logs: Decodable { var logs: [Log] }
    struct LogChunks: Decodable { var logchunks: [LogChunk] }
    struct Schedulers: Decodable { var forceschedulers: [Scheduler] }
    struct DataList: Decodable {
        var data: [DataEntry]

        enum CodingKeys: String, CodingKey { case data = "build_data" }
    }

    /// One builder's part of what was forced; gets a build when a worker is free, and another one when that was interrupted.
    struct Request: Decodable {
        var id: Int
        var builder: Int
        var isComplete: Bool
        var results: Int?
        /// Epoch seconds.
        var submittedAt: Int64?
        var properties: [String: Property]?

        enum CodingKeys: String, CodingKey {
            case id = "buildrequestid"
            case builder = "builderid"
            case isComplete = "complete"
            case results
            case submittedAt = "submitted_at"
            case properties
        }
    }

    struct Build: Decodable {
        var id: Int
        var request: Int
        var builder: Int
        /// Of its builder.
        var number: Int
        var isComplete: Bool
        var results: Int?

        enum CodingKeys: String, CodingKey {
            case id = "buildid"
            case request = "buildrequestid"
            case builder = "builderid"
            case number
            case isComplete = "complete"
            case results
        }
    }

    struct Builder: Decodable {
        var id: Int

        enum CodingKeys: String, CodingKey { case id = "builderid" }
    }

    struct Step: Decodable {
        struct Link: Decodable {
            var name: String
            var url: String
        }

        var id: Int
        var number: Int
        var name: String
        var isComplete: Bool
        var results: Int?
        var urls: [Link]?

        enum CodingKeys: String, CodingKey {
            case id = "stepid"
            case number
            case name
            case isComplete = "complete"
            case results
            case urls
        }
    }

    struct Log: Decodable {
        var id: Int
        var isComplete: Bool
        var lines: Int
        /// `s`: lines marked as output, errors and headers; `t`: plain text; `h`: a page; `d`: removed.
        var type: String

        enum CodingKeys: String, CodingKey {
            case id = "logid"
            case isComplete = "complete"
            case lines = "num_lines"
            case type
        }
    }

    struct LogChunk: Decodable {
        var content: String
    }

    struct DataEntry: Decodable {
        var name: String
        var length: Int64
    }

    /// A property's value and where it is from; only text is looked at.
    struct Property: Decodable {
        var text: String?

        init(from decoder: any Decoder) throws {
            var parts = try decoder.unkeyedContainer()
            text = try? parts.decode(String.self)
        }
    }

    struct Scheduler: Decodable {
        var builders: [String]
        var isEnabled: Bool?
        var fields: [Field]

        enum CodingKeys: String, CodingKey {
            case builders = "builder_names"
            case isEnabled = "enabled"
            case fields = "all_fields"
        }
    }

    /// One field of a force scheduler's form, or a group of them.
    struct Field: Decodable {
        var fullName: String?
        var type: String?
        var isMultiple: Bool?
        var isRequired: Bool?
        var fallback: String?
        var fields: [Field]?

        enum CodingKeys: String, CodingKey {
            case fullName, type, fields
            case isMultiple = "multiple"
            case isRequired = "required"
            case fallback = "default"
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            fullName = try values.decodeIfPresent(String.self, forKey: .fullName)
            type = try values.decodeIfPresent(String.self, forKey: .type)
            isMultiple = try? values.decodeIfPresent(Bool.self, forKey: .isMultiple)
            isRequired = try? values.decodeIfPresent(Bool.self, forKey: .isRequired)
            fields = try values.decodeIfPresent([Field].self, forKey: .fields)
            // Of any type, by the field's; only a text matters.
            fallback = try? values.decode(String.self, forKey: .fallback)
        }

        /// The fields that hold values: this one, or those of the group.
        var leaves: [Field] { fields.map { $0.flatMap(\.leaves) } ?? [self] }
    }

    /// The answer to `force`: the number of the set, and each builder's request.
    struct Forced: Decodable {
        struct Result: Decodable {
            var requests: [String: Int]

            init(from decoder: any Decoder) throws {
                var parts = try decoder.unkeyedContainer()
                _ = try parts.decode(Int.self)
                requests = try parts.decode([String: Int].self)
            }
        }

        /// `nil` for a method that Buildbot does not know.
        var result: Result?
    }

    /// A JSON-RPC error; the message is a text, or one text for each field.
    struct Refusal: Decodable {
        struct Fault: Decodable {
            var code: Int
            var words: String
            /// By field, where that is known.
            var fields: [String: String]

            enum CodingKeys: String, CodingKey { case code, message }

            init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: CodingKeys.self)
                code = try values.decode(Int.self, forKey: .code)
                fields = (try? values.decode([String: String].self, forKey: .message)) ?? [:]
                words =
                    (try? values.decode(String.self, forKey: .message))
                    ?? fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
            }
        }

        var error: Fault
    }
}

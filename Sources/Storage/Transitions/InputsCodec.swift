import Domain
import FoundationEssentials

/// Inputs as JSON, with a version inside: rows outlive the program that wrote them.
enum InputsCodec {
    private struct Stored: Codable {
        var version: Int
        var values: [Value]
    }

    /// Exactly one of the contents is present.
    private struct Value: Codable {
        var field: String
        var text: String?
        var number: Double?
        var toggle: Bool?
        var choices: [String]?
        var upload: StoredUpload?
    }

    private struct StoredUpload: Codable {
        var id: String
        var name: String
        var contentType: String
        var bytes: Int64
        var sha256: String
        var receivedSHA256: String
        var width: Int?
        var height: Int?
    }

    private static let version = 1

    static func encode(_ inputs: Inputs) throws(StorageError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            let data = try encoder.encode(Stored(version: version, values: inputs.values.map(stored)))
            return String(decoding: data, as: UTF8.self)
        } catch {
            // Only a number that JSON cannot say (not finite) gets here.
            throw .corrupt(detail: "inputs that cannot be written down")
        }
    }

    static func decode(_ text: String) throws(StorageError) -> Inputs {
        let stored: Stored
        do {
            stored = try JSONDecoder().decode(Stored.self, from: Data(text.utf8))
        } catch {
            throw .corrupt(detail: "inputs that cannot be read")
        }
        guard stored.version == version else {
            throw .corrupt(detail: "inputs in version \(stored.version)")
        }
        var values: [InputValue] = []
        for value in stored.values { values.append(try input(value)) }
        return Inputs(values: values)
    }

    private static func stored(_ input: InputValue) -> Value {
        var value = Value(field: input.field.text)
        switch input.content {
        case .text(let text): value.text = text
        case .number(let number): value.number = number
        case .toggle(let isOn): value.toggle = isOn
        case .choices(let choices): value.choices = choices
        case .upload(let upload):
            value.upload = StoredUpload(
                id: upload.id.text, name: upload.name, contentType: upload.contentType, bytes: upload.bytes,
                sha256: upload.sha256, receivedSHA256: upload.receivedSHA256, width: upload.width,
                height: upload.height)
        }
        return value
    }

    private static func input(_ value: Value) throws(StorageError) -> InputValue {
        let content: InputValue.Content
        if let text = value.text {
            content = .text(text)
        } else if let number = value.number {
            content = .number(number)
        } else if let isOn = value.toggle {
            content = .toggle(isOn)
        } else if let choices = value.choices {
            content = .choices(choices)
        } else if let upload = value.upload {
            content = .upload(
                Upload(
                    id: UploadID(unchecked: upload.id), name: upload.name, contentType: upload.contentType,
                    bytes: upload.bytes, sha256: upload.sha256, receivedSHA256: upload.receivedSHA256,
                    width: upload.width, height: upload.height))
        } else {
            throw .corrupt(detail: "an input without content")
        }
        return InputValue(field: FieldName(unchecked: value.field), content: content)
    }
}

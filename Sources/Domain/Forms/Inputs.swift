/// What was asked for: the accepted values of a submission, by field, defaults filled in.
package struct Inputs: Hashable, Sendable {
    /// In the order of the form; a field that was not given and has no default is absent.
    package var values: [InputValue]

    package init(values: [InputValue]) {
        self.values = values
    }

    package subscript(name: FieldName) -> InputValue.Content? {
        values.first { $0.field == name }?.content
    }
}

package struct InputValue: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case text(String)
        case number(Double)
        case toggle(Bool)
        case choices([String])
        case upload(Upload)
    }

    package var field: FieldName
    package var content: Content

    package init(field: FieldName, content: Content) {
        self.field = field
        self.content = content
    }
}

/// One received file, as it is kept: checked, re-encoded where it is a picture, named by Kiln.
package struct Upload: Hashable, Sendable {
    package var id: UploadID
    /// The cleaned claimed name; for showing and for downloads only, never a path.
    package var name: String
    /// Sniffed MIME type of the kept bytes.
    package var contentType: String
    package var bytes: Int64
    /// SHA-256 of the kept bytes, lower-case hex.
    package var sha256: String
    /// SHA-256 of the bytes as they were received, lower-case hex.
    package var receivedSHA256: String
    /// Pixels, for pictures.
    package var width: Int?
    package var height: Int?

    package init(
        id: UploadID, name: String, contentType: String, bytes: Int64, sha256: String, receivedSHA256: String,
        width: Int? = nil, height: Int? = nil
    ) {
        self.id = id
        self.name = name
        self.contentType = contentType
        self.bytes = bytes
        self.sha256 = sha256
        self.receivedSHA256 = receivedSHA256
        self.width = width
        self.height = height
    }
}

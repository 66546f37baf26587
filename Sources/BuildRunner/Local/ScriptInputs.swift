import Domain

/// What was asked for, as the files that a script finds it in.
struct ScriptInputs: Sendable {
    /// The bytes of `build.json`.
    var document: [UInt8]
    var target: String?
    /// Only what the script may see.
    var values: [InputValue]

    /// Makes `folder` and fills it. Blocks.
    func write(to folder: String, uploadPath: (UploadID) -> String) throws(FileFault) {
        try FolderWork.make("\(folder)/fields")
        try FolderWork.make("\(folder)/files")
        try FileWork.write(document, to: "\(folder)/build.json")
        if let target { try FileWork.write(Array(target.utf8), to: "\(folder)/target") }
        for value in values {
            if let text = value.content.fileText {
                try FileWork.write(Array(text.utf8), to: "\(folder)/fields/\(value.field)")
            } else if case .upload(let upload) = value.content {
                // A copy: the run's user must be able to read it, and the received file stays private.
                try FileWork.copy(uploadPath(upload.id), to: "\(folder)/files/\(value.field)")
            }
        }
    }
}

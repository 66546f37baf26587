package import Domain

/// A received file, whole and of an accepted kind, before anything of Kiln's trusts it.
package struct GuardedFile: Sendable {
    /// Where it lies. A guard only reads it.
    package var path: String
    /// Where the guard may leave what is to be kept instead. Nothing is there yet.
    package var replacementPath: String
    package var upload: Upload

    package init(path: String, replacementPath: String, upload: Upload) {
        self.path = path
        self.replacementPath = replacementPath
        self.upload = upload
    }
}

package enum GuardVerdict: Hashable, Sendable {
    /// The file is fine as it is.
    case kept
    /// What lies at the replacement path is kept.
    case replaced(Replacement)
    case refused(FieldFault.Code)

    package struct Replacement: Hashable, Sendable {
        package var contentType: String
        package var width: Int
        package var height: Int

        package init(contentType: String, width: Int, height: Int) {
            self.contentType = contentType
            self.width = width
            self.height = height
        }
    }
}

/// Looks through a file as its field's kind wants it.
package protocol UploadGuard: Sendable {
    /// - Throws: `IntakeError.guardUnavailable` or another of its cases if the guard could not do its work;
    ///   `CancellationError`. What is wrong with the file is a verdict.
    func inspect(_ file: GuardedFile, for field: Field) async throws -> GuardVerdict
}

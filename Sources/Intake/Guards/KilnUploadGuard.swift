package import Domain

/// The guards of the kinds of fields: pictures are drawn anew, archives are walked, other files stay as they are (their
/// kind and size have been checked, and nothing of Kiln's opens them).
package struct KilnUploadGuard: UploadGuard {
    private let images: ImageGuard
    private let archives: ArchiveGuard

    package init(images: ImageGuard, archives: ArchiveGuard = ArchiveGuard()) {
        self.images = images
        self.archives = archives
    }

    package func inspect(_ file: GuardedFile, for field: Field) async throws -> GuardVerdict {
        switch field.kind {
        case .image(let fileRule, let rule): try await images.inspect(file, fileRule: fileRule, rule: rule)
        case .archive(_, let rule): try await archives.inspect(file, rule: rule)
        case .file, .text, .email, .url, .number, .choice, .toggle, .multichoice: .kept
        }
    }
}

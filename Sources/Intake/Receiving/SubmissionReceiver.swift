package import Domain
package import FileKind

/// Takes submissions in: reads them within their bounds, checks them, looks through their files, and keeps the files.
///
/// Whatever ends a call other than `.accepted` (a fault, an error of the body or the disk, cancellation) leaves no file.
package struct SubmissionReceiver: Sendable {
    package enum Outcome: Hashable, Sendable {
        /// The files of the inputs are durable and the caller's: to remove if the build cannot be stored.
        case accepted(Inputs)
        case refused(Refusal)
    }

    package struct Refusal: Hashable, Sendable {
        /// Not empty. If the reading stopped early, only of what had been read.
        package var faults: [FieldFault]
        /// What was typed and chosen, by field, to fill the form in again.
        package var values: [String: [String]]
        /// The names of the files that came whole, by field: they have to be chosen again.
        package var files: [String: String]
        /// The rest of the body was not read; the connection is of no more use.
        package var stoppedEarly: Bool

        package init(
            faults: [FieldFault], values: [String: [String]], files: [String: String] = [:], stoppedEarly: Bool
        ) {
            self.faults = faults
            self.values = values
            self.files = files
            self.stoppedEarly = stoppedEarly
        }
    }

    private let store: UploadStore
    private let guards: any UploadGuard
    private let kinds: FileKindDetector
    private let largestBody: Int64

    /// - Parameter largestBody: of any submission, in bytes, whatever its form could take.
    package init(
        store: UploadStore, guards: any UploadGuard, kinds: FileKindDetector, largestBody: Int64 = .max
    ) {
        self.store = store
        self.guards = guards
        self.kinds = kinds
        self.largestBody = largestBody
    }

    /// The largest body that a form of this recipe can have, in bytes.
    package func bodyLimit(for recipe: Recipe) -> Int64 {
        limits(for: recipe).body
    }

    /// The largest body without files, in bytes.
    package func textLimit(for recipe: Recipe) -> Int {
        limits(for: recipe).text
    }

    /// Takes in a `multipart/form-data` body.
    ///
    /// - Parameters:
    ///   - length: as the client announced it; a body that is too large by its own words is refused unread.
    /// - Throws: `IntakeError`, `CancellationError`, and whatever the body throws.
    package func receive<Body: AsyncSequence>(
        multipart body: Body, contentType: String, length: Int64?, for recipe: Recipe
    ) async throws -> Outcome where Body.Element: ByteChunk {
        let boundary = try MultipartBoundary(contentType: contentType)
        let limits = self.limits(for: recipe)
        if let length {
            guard length <= limits.body else { throw IntakeError.bodyTooLarge(limit: limits.body) }
            guard await store.hasRoom(for: length) else { throw IntakeError.diskFull }
        }
        var reader = BodyReader(store: store, kinds: kinds, fields: recipe.fields, limits: limits, length: length)
        do {
            try await reader.read(body, boundary: boundary)
            let outcome = try await conclude(
                reader.submission, files: reader.files, isWhole: reader.isWhole, recipe: recipe)
            if case .refused = outcome { await discard(reader.files) }
            return outcome
        } catch {
            await discard(reader.files)
            throw error
        }
    }

    /// Takes in a JSON object, field by name: text, number, boolean, `null` (not given), or a list of these.
    package func receive(json: [UInt8], for recipe: Recipe) async throws -> Outcome {
        try checkSize(json, recipe)
        return try await conclude(try JSONForm.submission(from: json), files: [], isWhole: true, recipe: recipe)
    }

    /// Takes in an `application/x-www-form-urlencoded` body.
    package func receive(urlEncoded: [UInt8], for recipe: Recipe) async throws -> Outcome {
        try checkSize(urlEncoded, recipe)
        let parts = limits(for: recipe).parts
        let submission = try URLEncodedForm.submission(from: urlEncoded, partLimit: parts)
        return try await conclude(submission, files: [], isWhole: true, recipe: recipe)
    }

    private func limits(for recipe: Recipe) -> IntakeLimits {
        IntakeLimits(fields: recipe.fields, largestBody: largestBody)
    }

    private func checkSize(_ body: [UInt8], _ recipe: Recipe) throws(IntakeError) {
        let limit = textLimit(for: recipe)
        guard body.count <= limit else { throw .bodyTooLarge(limit: Int64(limit)) }
    }

    private func discard(_ files: [IncomingFile]) async {
        for file in files { await file.discard() }
    }
}

// MARK: - The decision

extension SubmissionReceiver {
    private func conclude(
        _ submission: Submission, files: [IncomingFile], isWhole: Bool, recipe: Recipe
    ) async throws -> Outcome {
        let verdicts = isWhole ? try await inspect(submission, files, recipe.fields) : [:]
        var faults: [FieldFault] = []
        for (field, verdict) in verdicts {
            if case .refused(let code) = verdict { faults.append(FieldFault(field: field, code: code)) }
        }
        switch FormCheck.check(submission, fields: recipe.fields, isWhole: isWhole) {
        case .faults(let others):
            // A field that is already at fault (two files, say) needs no second one.
            faults.removeAll { fault in others.contains { $0.field == fault.field } }
            faults += others
        case .inputs(let inputs) where faults.isEmpty && isWhole:
            return .accepted(try await keep(inputs, files, verdicts))
        case .inputs: break
        }
        let places = Dictionary(recipe.fields.enumerated().map { ($1.name.text, $0) }) { first, _ in first }
        let ordered = faults.enumerated().sorted { one, other in
            (places[one.element.field] ?? .max, one.offset) < (places[other.element.field] ?? .max, other.offset)
        }
        return .refused(
            Refusal(
                faults: ordered.map(\.element), values: submission.typedValues(of: recipe.fields),
                files: submission.fileNames(of: recipe.fields), stoppedEarly: !isWhole))
    }

    /// Has every file looked through, also those of a form that is otherwise at fault: all faults at once.
    private func inspect(
        _ submission: Submission, _ files: [IncomingFile], _ fields: [Field]
    ) async throws -> [String: GuardVerdict] {
        var verdicts: [String: GuardVerdict] = [:]
        for part in submission.parts {
            guard case .file(let upload) = part.content, let file = files.first(where: { $0.id == upload.id }),
                let field = fields.first(where: { $0.name.text == part.name })
            else { continue }
            let guarded = GuardedFile(path: file.path, replacementPath: file.replacementPath, upload: upload)
            verdicts[part.name] = try await guards.inspect(guarded, for: field)
        }
        return verdicts
    }

    private func keep(
        _ inputs: Inputs, _ files: [IncomingFile], _ verdicts: [String: GuardVerdict]
    ) async throws(IntakeError) -> Inputs {
        var inputs = inputs
        for place in inputs.values.indices {
            guard case .upload(var upload) = inputs.values[place].content,
                let file = files.first(where: { $0.id == upload.id })
            else { continue }
            var isReplaced = false
            if case .replaced(let picture) = verdicts[inputs.values[place].field.text] {
                isReplaced = true
                upload.contentType = picture.contentType
                upload.name = SafeFilename.renamed(upload.name, to: picture.contentType)
                upload.width = picture.width
                upload.height = picture.height
            }
            (upload.bytes, upload.sha256) = try await file.keep(replaced: isReplaced)
            inputs.values[place].content = .upload(upload)
        }
        if !files.isEmpty { try await store.synchronizeFolder() }
        return inputs
    }
}

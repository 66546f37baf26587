import Domain
import FileKind

/// Reads a multipart body and writes its files as they come: while one piece is hashed and written, the next is read, and
/// no more than these two are held.
struct BodyReader {
    private static let windowBytes = 64 << 10

    let store: UploadStore
    let kinds: FileKindDetector
    let limits: IntakeLimits
    let fields: [Field]
    /// As the client announced it.
    let length: Int64?

    /// Every file that was begun; whoever called ends them.
    private(set) var files: [IncomingFile] = []
    private(set) var submission = Submission()
    /// Whether the body was read to its end.
    private(set) var isWhole = false
    private var bodyBytes: Int64 = 0
    private var readLimit: Int64?
    private var open: IncomingFile?

    init(store: UploadStore, kinds: FileKindDetector, fields: [Field], limits: IntakeLimits, length: Int64?) {
        self.store = store
        self.kinds = kinds
        self.fields = fields
        self.limits = limits
        self.length = length
    }

    mutating func read<Body: AsyncSequence>(_ body: Body, boundary: MultipartBoundary) async throws
    where Body.Element: ByteChunk {
        var reading = FormReading(boundary: boundary, fields: fields, limits: limits, kinds: kinds)
        isWhole = try await withThrowingTaskGroup(of: Void.self) { writes in
            for try await chunk in body {
                guard try await take(chunk, &reading, &writes) else { return false }
            }
            try Task.checkCancellation()
            try reading.finish()
            return true
        }
        submission = reading.submission
    }

    /// `false`: enough has been read.
    private mutating func take(
        _ chunk: some ByteChunk, _ reading: inout FormReading, _ writes: inout ThrowingTaskGroup<Void, any Error>
    ) async throws -> Bool {
        let count = unsafe chunk.withBytes { $0.count }
        bodyBytes += Int64(count)
        guard bodyBytes <= limits.body else { throw IntakeError.bodyTooLarge(limit: limits.body) }
        if let readLimit, bodyBytes > readLimit { return false }
        var position = 0
        while position < count {
            let step = try unsafe chunk.withBytes { bytes in
                let window = unsafe UnsafeRawBufferPointer(
                    rebasing: bytes[position..<min(position + Self.windowBytes, count)])
                var place = 0
                defer { position += place }
                return try unsafe reading.advance(window.bindMemory(to: UInt8.self).span, &place)
            }
            switch step {
            case .needsBytes: break
            case .write(let piece):
                let file = try await currentFile()
                // One piece at a time: a disk that is slow slows the sender down.
                try await writes.next()
                writes.addTask { try await file.write(piece) }
            case .fileEnded(let received, let rest):
                let file = try await currentFile()
                while try await writes.next() != nil {}
                try await file.write(rest)
                open = nil
                reading.note(received.field.name.text, try await content(of: received, in: file))
            case .fileRefused(let code):
                while try await writes.next() != nil {}
                open = nil
                guard mayReadOn(after: code) else { return false }
            }
        }
        return true
    }

    private mutating func currentFile() async throws(IntakeError) -> IncomingFile {
        if let open { return open }
        let file = try await store.beginFile()
        files.append(file)
        open = file
        return file
    }

    private func content(
        of received: FormReading.ReceivedFile, in file: IncomingFile
    ) async throws(IntakeError) -> Submission.Content {
        var kind = received.kind
        if let rule = received.field.fileRule, rule.accept.contains(FormReading.androidPackage) {
            kind = try await file.kind(using: kinds)
            if !FormReading.accepts(rule, kind, isWhole: true) {
                return .refusedFile(FormReading.wrongKind(kind, rule))
            }
        }
        let digest = await file.digest()
        return .file(
            Upload(
                id: file.id, name: SafeFilename.make(received.claimedName, contentType: kind.mimeType),
                contentType: kind.mimeType, bytes: received.bytes, sha256: digest, receivedSHA256: digest))
    }

    /// The other faults of the form are worth reading a little more for, if the client said that only little is left.
    private mutating func mayReadOn(after code: FieldFault.Code) -> Bool {
        guard let length else { return false }
        let allowed =
            switch code {
            case .fileTooLarge: limits.drainAfterTooLarge
            default: limits.drainAfterWrongKind
            }
        guard length - bodyBytes <= allowed else { return false }
        readLimit = min(readLimit ?? .max, bodyBytes + allowed)
        return true
    }
}

import Domain
import FileKind

/// The reading of one multipart body: what is known of it so far, and what to do with the bytes at hand. No I/O.
struct FormReading {
    enum Step {
        /// The bytes at hand are used up.
        case needsBytes
        /// The current file, which is of a kind that its field takes, goes on with these bytes.
        case write([UInt8])
        /// The current file ends with these bytes.
        case fileEnded(ReceivedFile, rest: [UInt8])
        /// The current file is not kept; the rest of its bytes is passed over. It was the field's size or kind.
        case fileRefused(FieldFault.Code)
    }

    struct ReceivedFile {
        var field: Field
        var claimedName: String
        var kind: FileKind
        var bytes: Int64
    }

    /// Small enough that two per upload stay small, large enough that a disk likes it.
    static let pieceBytes = 256 << 10

    private enum Current {
        case nothing
        /// A text, which gathers in `text`.
        case text(name: String)
        /// A file of which the last bytes, less than a piece, wait in `piece`.
        case file(field: Field, rule: FileRule, claimedName: String, bytes: Int64, kind: FileKind?)
        /// Passed over. Noted at its end with `content`, or as not given if it is the empty part of an empty file input.
        case ignored(name: String, Submission.Content, isEmptyInput: Bool)
        /// Passed over, and already noted.
        case refused
    }

    private let fields: [String: Field]
    private let limits: IntakeLimits
    private let kinds: FileKindDetector
    private var parser: MultipartParser
    private var current = Current.nothing
    private var text: [UInt8] = []
    private var piece: [UInt8] = []
    private var textBytes = 0
    private(set) var submission = Submission()

    init(boundary: MultipartBoundary, fields: [Field], limits: IntakeLimits, kinds: FileKindDetector) {
        self.fields = Dictionary(fields.map { ($0.name.text, $0) }) { first, _ in first }
        self.limits = limits
        self.kinds = kinds
        parser = MultipartParser(boundary: boundary, limits: MultipartParser.Limits(parts: limits.parts))
    }

    /// Reads on; `position` moves past what has been dealt with.
    mutating func advance(_ bytes: Span<UInt8>, _ position: inout Int) throws(IntakeError) -> Step {
        while let event = try parser.next(in: bytes, from: &position) {
            switch event {
            case .partBegan(let headers): begin(headers)
            case .data(let range):
                if let step = try take(bytes.extracting(range)) { return step }
            case .heldData(let held):
                if let step = try take(held.span) { return step }
            case .partEnded:
                if let step = try end() { return step }
            case .formEnded: break
            }
        }
        return .needsBytes
    }

    /// To be called at the body's end.
    func finish() throws(IntakeError) {
        try parser.finish()
    }
}

// MARK: - Parts

extension FormReading {
    private mutating func begin(_ headers: PartHeaders) {
        // Which encoding a browser used; it is always UTF-8 here.
        guard headers.name != "_charset_" || fields["_charset_"] != nil else { return current = .refused }
        guard let field = fields[headers.name] else {
            return current = .ignored(name: String(headers.name.prefix(100)), .text(""), isEmptyInput: true)
        }
        guard let claimedName = headers.fileName else {
            text.removeAll(keepingCapacity: true)
            return current = .text(name: headers.name)
        }
        guard let rule = field.fileRule else {
            let content = Submission.Content.refusedFile(.wrongPart(wantsFile: false))
            return current = .ignored(name: headers.name, content, isEmptyInput: claimedName.isEmpty)
        }
        guard !hasFile(for: headers.name) else {
            let content = Submission.Content.refusedFile(.repeated)
            return current = .ignored(name: headers.name, content, isEmptyInput: claimedName.isEmpty)
        }
        piece = []
        current = .file(field: field, rule: rule, claimedName: claimedName, bytes: 0, kind: nil)
    }

    private func hasFile(for name: String) -> Bool {
        submission.parts.contains { part in
            guard part.name == name else { return false }
            return switch part.content {
            case .file, .refusedFile: true
            case .text, .structure: false
            }
        }
    }

    private mutating func take(_ bytes: Span<UInt8>) throws(IntakeError) -> Step? {
        switch current {
        case .nothing, .refused: return nil
        case .ignored(let name, let content, _):
            current = .ignored(name: name, content, isEmptyInput: false)
            return nil
        case .text:
            textBytes += bytes.count
            guard textBytes <= limits.text else { throw .fieldTooLarge(limit: limits.text) }
            unsafe bytes.withUnsafeBytes { unsafe text.append(contentsOf: $0) }
            return nil
        case .file(let field, let rule, let claimedName, var count, var kind):
            count += Int64(bytes.count)
            if count > rule.maxBytes { return refuse(field, .fileTooLarge(maximum: rule.maxBytes)) }
            if piece.capacity == 0 { piece.reserveCapacity(Self.pieceBytes + bytes.count) }
            unsafe bytes.withUnsafeBytes { unsafe piece.append(contentsOf: $0) }
            if kind == nil, piece.count >= FileKindDetector.prefixBytes {
                let found = try look()
                guard Self.accepts(rule, found) else { return refuse(field, Self.wrongKind(found, rule)) }
                kind = found
            }
            current = .file(field: field, rule: rule, claimedName: claimedName, bytes: count, kind: kind)
            guard piece.count >= Self.pieceBytes else { return nil }
            defer { piece = [] }
            return .write(piece)
        }
    }

    private mutating func end() throws(IntakeError) -> Step? {
        let ended = current
        current = .nothing
        switch ended {
        case .nothing, .refused: return nil
        case .ignored(let name, let content, let isEmptyInput):
            note(name, isEmptyInput ? .text("") : content)
            return nil
        case .text(let name):
            // What is not UTF-8 becomes U+FFFD, which the form's check then refuses for the one field that has it.
            note(name, .text(String(decoding: text, as: UTF8.self)))
            return nil
        case .file(let field, let rule, let claimedName, let count, var kind):
            if count == 0 {
                note(field.name.text, claimedName.isEmpty ? .text("") : .refusedFile(.emptyFile))
                return nil
            }
            if kind == nil { kind = try look() }
            guard let kind, Self.accepts(rule, kind) else {
                return refuse(field, kind.map { Self.wrongKind($0, rule) } ?? .emptyFile)
            }
            defer { piece = [] }
            return .fileEnded(
                ReceivedFile(field: field, claimedName: claimedName, kind: kind, bytes: count), rest: piece)
        }
    }

    mutating func note(_ name: String, _ content: Submission.Content) {
        submission.parts.append(Submission.Part(name: name, content: content))
    }

    private mutating func refuse(_ field: Field, _ code: FieldFault.Code) -> Step {
        note(field.name.text, .refusedFile(code))
        piece = []
        if case .file = current { current = .refused }
        return .fileRefused(code)
    }
}

// MARK: - Kinds

extension FormReading {
    private func look() throws(IntakeError) -> FileKind {
        do throws(FileKindError) {
            return try kinds.kind(ofPrefix: piece)
        } catch {
            throw .guardUnavailable(reason: "\(error)")
        }
    }

    /// Whether the field takes the kind. An Android package cannot always be told from other ZIPs by its first bytes:
    /// where one is wanted, a ZIP passes until the whole file has been looked at.
    static func accepts(_ rule: FileRule, _ kind: FileKind, isWhole: Bool = false) -> Bool {
        if !isWhole, kind.mimeType == "application/zip", rule.accept.contains(androidPackage) { return true }
        return rule.accept.contains { wanted in
            wanted == kind.mimeType || wanted == "*/*"
                || wanted.hasSuffix("/*") && kind.mimeType.hasPrefix(wanted.dropLast())
        }
    }

    static let androidPackage = "application/vnd.android.package-archive"

    static func wrongKind(_ kind: FileKind, _ rule: FileRule) -> FieldFault.Code {
        .wrongKind(found: kind.humanName, accepted: rule.accept.map { FileKind.humanName(of: $0) })
    }
}

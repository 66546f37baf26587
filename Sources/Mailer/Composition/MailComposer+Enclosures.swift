import Archives
import Domain
import Storage

extension MailComposer {
    /// What goes into a mail beside its texts.
    struct Enclosures {
        var enclosed = MailView.Enclosed()
        var pictures: [MailPart] = []
        var attachments: [MailPart] = []
    }

    /// Most bytes of a log that are attached; of a longer one its end.
    static let attachedLogBytes: Int64 = 1 << 20
    /// A longer log is attached compressed.
    static let plainLogBytes = 64 << 10
    /// Less of a log is not worth attaching.
    static let leastLogBytes: Int64 = 4 << 10
    /// Most bytes of a picture that is shown inside the mail.
    static let inlinePictureBytes: Int64 = 4 << 20

    /// Takes in what fits, the most needed first: the log, the picture, the products.
    /// - Parameter attach: the largest product that the recipe wants attached; `nil`: none.
    func enclosures(
        about builds: [Build], attach: Int64?, log: MailLog?, budget: MailBudget
    ) async throws -> Enclosures {
        var budget = budget
        var enclosures = Enclosures()
        if let log { try await enclose(log, &enclosures, &budget) }
        let kept = builds.filter { $0.state == .succeeded && $0.filesRemovedAt == nil }
        let pictures = kept.flatMap { build in build.artifacts.filter(Self.isShownInline).map { (build.id, $0) } }
        if let (build, picture) = pictures.first(where: { budget.take($0.1.bytes) }) {
            enclosures.enclosed.hasPicture = true
            enclosures.pictures = [try part(of: build, artifact: picture)]
        }
        guard let attach else { return enclosures }
        for build in kept {
            for artifact in build.artifacts where artifact.role == .product && artifact.bytes <= attach {
                guard budget.take(artifact.bytes) else { continue }
                enclosures.enclosed.products.insert(ObjectKey(build: build.id, name: artifact.name))
                enclosures.attachments.append(try part(of: build.id, artifact: artifact))
            }
        }
        return enclosures
    }

    private static func isShownInline(_ artifact: Artifact) -> Bool {
        artifact.role == .picture && artifact.bytes <= inlinePictureBytes
            && ["image/png", "image/jpeg"].contains(artifact.contentType)
    }

    /// Read when the message is written (P6).
    private func part(of build: BuildID, artifact: Artifact) throws -> MailPart {
        let key = ObjectKey(build: build, name: artifact.name)
        return MailPart(
            name: try HeaderText(artifact.name), contentType: artifact.contentType, bytes: artifact.bytes
        ) { [objects] offset, length in
            try await objects.read(key, from: offset, length: length)
        }
    }

    private func enclose(_ log: MailLog, _ enclosures: inout Enclosures, _ budget: inout MailBudget) async throws {
        let name = log.isEndOnly ? "end-of-log.txt" : "log.txt"
        let isLong = log.bytes.count > Self.plainLogBytes
        let whole = isLong ? try await gzip.compress(log.bytes) : log.bytes
        if budget.take(Int64(whole.count)) {
            enclosures.attachments.append(
                try part(
                    named: isLong ? name + ".gz" : name,
                    contentType: isLong ? "application/gzip" : "text/plain; charset=utf-8", whole))
            enclosures.enclosed.log = log.isEndOnly ? .end : .whole
            return
        }
        let most = min(budget.largestPart, Int64(Self.plainLogBytes))
        guard most >= Self.leastLogBytes else { return }
        let end = MailLog.wholeLines(log.bytes.suffix(Int(most)))
        guard budget.take(Int64(end.count)) else { return }
        enclosures.attachments.append(
            try part(named: "end-of-log.txt", contentType: "text/plain; charset=utf-8", end))
        enclosures.enclosed.log = .end
    }

    private func part(named name: String, contentType: String, _ bytes: [UInt8]) throws -> MailPart {
        MailPart(name: try HeaderText(name), contentType: contentType, bytes: Int64(bytes.count)) { offset, length in
            Array(bytes.dropFirst(Int(offset)).prefix(length))
        }
    }

    /// The end of the log without its colours, held as a whole: it is no longer than is attached.
    func readLog(of build: BuildID) async throws -> MailLog {
        let size = try await logs.size(of: build)
        let start = max(0, size - Self.attachedLogBytes)
        var stored: [UInt8] = []
        while start + Int64(stored.count) < size {
            let wanted = Int(size - start) - stored.count
            let piece = try await logs.read(build, from: start + Int64(stored.count), length: min(wanted, 256 << 10))
            if piece.isEmpty { break }
            stored += piece
        }
        // What stands before the first line's end was cut somewhere, perhaps within a code.
        if start > 0 { stored = MailLog.wholeLines(stored[...]) }
        var cleaner = LogText()
        return MailLog(bytes: Array(cleaner.clean(stored)), isEndOnly: start > 0)
    }
}

/// The log of a build, or its end, as a mail has it.
struct MailLog {
    let bytes: [UInt8]
    let isEndOnly: Bool

    /// Most lines that are shown in the mail itself.
    static let tailLines = 30

    /// The last lines; none if the lines around the failure's error show them already.
    func tail(beside state: BuildState) -> [String] {
        let end = bytes.suffix(32 << 10)
        let lines = String(decoding: end, as: UTF8.self).split(whereSeparator: \.isNewline)
            .filter { !$0.allSatisfy(\.isWhitespace) }.suffix(Self.tailLines)
        if case .failed(let failure) = state {
            let shown = Set(failure.contextLines.map(\.text) + [failure.errorLine].compactMap { $0 })
            if lines.allSatisfy({ shown.contains(String($0)) }) { return [] }
        }
        return lines.map { ShownText.line(String($0), longest: 200) }
    }

    /// From the first line that is there from its beginning.
    static func wholeLines(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        guard let end = bytes.firstIndex(of: 0x0A) else { return Array(bytes) }
        return Array(bytes[(end + 1)...])
    }
}

package import Curl
package import Domain
import FileKind
import Storage

/// Fetches for a build what its recipe says (`Recipe.fetch`): the documents below the address that was given, then the
/// pictures that the recipe's check asks for, all of it guarded and bounded, into one file.
package struct Gathering: Sendable {
    /// A file that was taken into the uploads: durable, and nobody's until a build has it.
    package struct Kept: Hashable, Sendable {
        package var id: UploadID
        package var bytes: Int64
        /// Lower-case hex.
        package var sha256: String

        package init(id: UploadID, bytes: Int64, sha256: String) {
            self.id = id
            self.bytes = bytes
            self.sha256 = sha256
        }
    }

    /// Requesters' hosts are slow or silent as they like: these transfers are none that CIs or mails wait for.
    let transfers: HTTPTransfers
    let check: SubmissionCheck
    /// Takes a file into the uploads.
    let keep: @Sendable (_ path: String) async throws -> Kept
    let retryPause: Duration

    package init(
        transfers: HTTPTransfers, check: SubmissionCheck,
        keep: @escaping @Sendable (_ path: String) async throws -> Kept, retryPause: Duration = .seconds(1)
    ) {
        self.transfers = transfers
        self.check = check
        self.keep = keep
        self.retryPause = retryPause
    }
}

/// The gathering for one build, in a folder of its own.
struct GatherRun: Sendable {
    /// What it made.
    struct Outcome: Hashable, Sendable {
        /// The one file.
        var path: String
        /// `7 documents and 61 pictures from example.org`
        var summary: String
    }

    let gathering: Gathering
    let step: FetchStep
    let order: BuildOrder
    /// Exists, and is empty.
    let folder: String
    let kinds: FileKindDetector
    let clock: any WallClock
    let log: GatherLog
    /// Tells the page how far it has got.
    let progress: @Sendable (String) async throws -> Void

    /// The part of the time that a document may take which the build can go without: pictures are fetched after it.
    private static let optionalShare = 2
    private static let document = "application/json, */*;q=0.5"
    private static let picture = "image/*, */*;q=0.1"

    /// - Returns: `nil` if there is nothing to fetch.
    func run() async throws -> Outcome? {
        let fetcher = Fetcher(gathering.transfers, for: step, clock: clock, retryPause: gathering.retryPause)
        var archive = FetchedArchive(from: nil)
        var host: String?
        var checked: String?
        if let text = step.address(in: order.build.inputs) {
            guard let address = FetchAddress(text) else {
                throw GatherFault.input(FailureWords.notFetched("The address", .noAddress))
            }
            archive.from = address.shown
            host = address.host
            log.say("==> Fetching from \(address.shown)")
            archive.documents = try await documents(below: address, fetcher)
            checked = "\(folder)/documents.zip"
            if let checked { try await archive.write(to: checked) }
        }
        let (wanted, notes) = try await wantedPictures(checked)
        if wanted.isEmpty {
            return checked.map { Outcome(path: $0, summary: Self.summary(archive, host, notes)) }
        }
        archive.pictures = try await pictures(wanted, fetcher)
        let path = "\(folder)/fetched.zip"
        try await archive.write(to: path)
        return Outcome(path: path, summary: Self.summary(archive, host, notes))
    }

    // MARK: - Documents

    private func documents(
        below address: FetchAddress, _ fetcher: Fetcher
    ) async throws -> [(FetchedArchive.Document, path: String?)] {
        let count = step.documents.count
        try await progress("Fetching the data: \(Self.count(count, "document")) from \(address.host)")
        let places = Array(step.documents.enumerated())
        let found = try await Parallel.map(places, atOnce: Fetcher.atOnce) { place, document in
            try await self.document(document, below: address, to: "\(folder)/document-\(place)", fetcher)
        }
        for (document, path) in found {
            log.say(
                path == nil
                    ? "not there: \(document.url) \(document.error ?? "")"
                    : "fetched \(document.url) (\(document.bytes.sizeText))")
        }
        return found
    }

    private func document(
        _ document: FetchStep.Document, below address: FetchAddress, to path: String, _ fetcher: Fetcher
    ) async throws -> (FetchedArchive.Document, path: String?) {
        let place = address.below(document.path)
        var told = FetchedArchive.Document(name: document.name, url: place.shown)
        do throws(FetchRefusal) {
            let fetched = try await fetcher.fetch(
                place, accept: Self.document, limit: step.maxDocumentBytes, to: path,
                within: document.isRequired ? nil : step.time / Self.optionalShare)
            told.status = fetched.status
            guard let kept = fetched.path else { throw .status(fetched.status) }
            (told.bytes, told.sha256) = (fetched.bytes, fetched.sha256)
            return (told, kept)
        } catch {
            guard !document.isRequired, error.isAbsence else { throw Self.fault(place.shown, error) }
            told.error = error.words
            return (told, nil)
        }
    }

    private static func fault(_ shown: String, _ refusal: FetchRefusal) -> GatherFault {
        switch refusal {
        case .stopped: .stopped
        case .machine(let reason): .machine(reason: reason)
        default: .input(FailureWords.notFetched(shown, refusal))
        }
    }

    // MARK: - Pictures

    /// - Parameter documents: what was fetched so far, as the run would find it.
    /// - Returns: the pictures, and what the page is to say of the documents.
    private func wantedPictures(
        _ documents: String?
    ) async throws -> (pictures: [CheckFindings.Picture], notes: [String]) {
        guard order.recipe.check != nil else { return ([], []) }
        try await progress("Checking the data")
        let findings: CheckFindings
        do throws(CheckFault) {
            findings = try await gathering.check.findings(
                on: order.build.inputs, for: order.recipe, fetched: documents)
        } catch {
            throw error == .stopped ? GatherFault.stopped : GatherFault.check(error)
        }
        guard findings.problems.isEmpty else {
            for problem in findings.problems { log.say("error: \(problem.line)") }
            if findings.problemsLeftOut > 0 { log.say("... and \(findings.problemsLeftOut) more") }
            throw GatherFault.input(FailureWords.unusable(findings))
        }
        // A recipe that has no pictures fetched may have a check that names them all the same.
        guard step.maxPictures > 0 else { return ([], findings.notes) }
        guard findings.pictures.count <= step.maxPictures else {
            throw GatherFault.input(FailureWords.tooManyPictures(findings.pictures.count, limit: step.maxPictures))
        }
        return (findings.pictures.sorted { $0.name < $1.name }, findings.notes)
    }

    private func pictures(
        _ wanted: [CheckFindings.Picture], _ fetcher: Fetcher
    ) async throws -> [(FetchedArchive.Picture, path: String?)] {
        let counter = GatherCounter(of: wanted.count) { done in
            try await progress("Fetching the data: \(done) of \(Self.count(wanted.count, "picture"))")
        }
        try await counter.begin()
        let places = Array(wanted.enumerated())
        let found = try await Parallel.map(places, atOnce: Fetcher.atOnce) { place, picture in
            let found = try await self.picture(picture, to: "\(folder)/picture-\(place)", fetcher)
            try await counter.step()
            return found
        }
        for (picture, path) in found where path == nil {
            let shown = FetchAddress(picture.url)?.shown ?? picture.url.shownLine(limit: 200)
            log.say("not there: \(shown) \(picture.error ?? "")")
        }
        return found
    }

    /// A picture that is not there is missing in the product; only an address that nobody may fetch from is a fault.
    private func picture(
        _ wanted: CheckFindings.Picture, to path: String, _ fetcher: Fetcher
    ) async throws -> (FetchedArchive.Picture, path: String?) {
        var picture = FetchedArchive.Picture(url: wanted.url, name: wanted.name)
        guard let address = FetchAddress(wanted.url) else {
            picture.error = FetchRefusal.noAddress.words
            return (picture, nil)
        }
        do throws(FetchRefusal) {
            let fetched = try await fetcher.fetch(
                address, accept: Self.picture, limit: step.maxPictureBytes, to: path)
            picture.status = fetched.status
            guard let kept = fetched.path else { throw .status(fetched.status) }
            picture.content_type = try await kind(of: kept)
            picture.bytes = fetched.bytes
            return (picture, kept)
        } catch {
            switch error {
            case .stopped, .machine, .forbidden: throw Self.fault(address.shown, error)
            case .status, .unreachable, .brokenOff, .tooLate, .tooLarge, .tooMuch, .noAddress, .noPicture:
                picture.error = error.words
                return (picture, nil)
            }
        }
    }

    private func kind(of path: String) async throws(FetchRefusal) -> String {
        let kinds = kinds
        let kind: FileKind
        do {
            kind = try await Blocking.run { try kinds.kind(ofFileAt: path) }
        } catch {
            throw .machine(reason: "\(error)")
        }
        guard kind.mimeType.hasPrefix("image/") else { throw .noPicture(found: kind.humanName) }
        return kind.mimeType
    }

    // MARK: - Words

    private static func summary(_ archive: FetchedArchive, _ host: String?, _ notes: [String]) -> String {
        let documents = archive.documents.count { $0.path != nil }
        let pictures = archive.pictures.count { $0.path != nil }
        var parts: [String] = []
        if !archive.documents.isEmpty { parts.append(count(documents, "document")) }
        if pictures < archive.pictures.count {
            parts.append("\(pictures) of \(count(archive.pictures.count, "picture"))")
        } else if pictures > 0 {
            parts.append(count(pictures, "picture"))
        }
        let fetched = parts.joined(separator: " and ") + (host.map { " from \($0)" } ?? "")
        let sentences = notes.map { $0.last == "." ? String($0.dropLast()) : $0 }
        return ([fetched] + sentences).joined(separator: ". ")
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }
}

package import Domain
import Foundation

/// What a check script found, read from its `findings.json`: bounded, and fit to be shown.
package struct CheckFindings: Hashable, Sendable {
    /// One thing that is wrong with what was asked for.
    package struct Problem: Hashable, Sendable {
        /// A field of the form; `nil`: the submission as a whole.
        package var field: FieldName?
        /// Where inside the value, `sessions[3].speakers[0]`.
        package var place: String?
        package var message: String
        package var mend: String?
    }

    /// A picture that the build wants from the web.
    package struct Picture: Hashable, Sendable {
        /// As the script wrote it; nobody has looked at it yet.
        package var url: String
        /// What the run finds it under: a plain file name, unique among the pictures.
        package var name: String
    }

    /// At most `mostProblems`, in the script's order.
    package var problems: [Problem] = []
    /// How many more there were.
    package var problemsLeftOut = 0
    package var pictures: [Picture] = []
    /// What the page says of what was fetched; at most `mostNotes`.
    package var notes: [String] = []

    /// What a person can make use of at once.
    static let mostProblems = 50
    static let mostPictures = 10_000
    static let mostNotes = 5
    /// Bytes of the file.
    static let largest: Int64 = 8 << 20
    private static let longestMessage = 500
    private static let longestPlace = 200
    private static let longestURL = 2048

    private struct Stored: Decodable {
        struct Problem: Decodable {
            var field: String?
            var `where`: String?
            var message: String?
            var mend: String?
        }

        struct Picture: Decodable {
            var url: String
            var name: String
        }

        var problems: [Problem]?
        var pictures: [Picture]?
        var notes: [String]?
    }

    init() {}

    /// - Throws: `CheckFault.failed` if the script did not keep to the format: its own fault, not the requester's.
    init(json: [UInt8], of recipe: Recipe) throws(CheckFault) {
        let stored: Stored
        do {
            stored = try JSONDecoder().decode(Stored.self, from: Data(json))
        } catch {
            throw .failed(reason: "findings.json is not what it has to be: \(Self.words(error))")
        }
        let found = stored.problems ?? []
        problems = found.prefix(Self.mostProblems).map { problem in
            Problem(
                field: problem.field.flatMap { FieldName($0) }.flatMap { recipe.field($0)?.name },
                place: Self.shown(problem.where, Self.longestPlace),
                message: Self.shown(problem.message, Self.longestMessage) ?? "Something is wrong here.",
                mend: Self.shown(problem.mend, Self.longestMessage))
        }
        problemsLeftOut = found.count - problems.count
        pictures = try Self.pictures(stored.pictures ?? [])
        notes = (stored.notes ?? []).prefix(Self.mostNotes).compactMap { Self.shown($0, Self.longestPlace) }
    }

    private static func pictures(_ stored: [Stored.Picture]) throws(CheckFault) -> [Picture] {
        guard stored.count <= mostPictures else { throw .failed(reason: "more than \(mostPictures) pictures") }
        var names: Set<String> = []
        var pictures: [Picture] = []
        for picture in stored {
            guard isFileName(picture.name) else { throw .failed(reason: "a picture's name is no plain file name") }
            guard names.insert(picture.name.lowercased()).inserted else {
                throw .failed(reason: "two pictures are called \(picture.name)")
            }
            guard (1...longestURL).contains(picture.url.utf8.count) else {
                throw .failed(reason: "the address of the picture \(picture.name) is empty or too long")
            }
            pictures.append(Picture(url: picture.url, name: picture.name))
        }
        return pictures
    }

    private static func isFileName(_ name: String) -> Bool {
        guard (1...100).contains(name.utf8.count), name.first != ".", name.first != "-" else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }

    private static func shown(_ text: String?, _ limit: Int) -> String? {
        guard let text, !text.isEmpty else { return nil }
        let line = text.shownLine(limit: limit)
        guard !line.isEmpty else { return nil }
        return text.unicodeScalars.count > limit ? line + "…" : line
    }

    /// Where the JSON does not fit; nothing of its values.
    private static func words(_ error: any Error) -> String {
        switch error as? DecodingError {
        case .keyNotFound(let key, _): "`\(key.stringValue)` is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "the wrong type at "
                + context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
                .joined(separator: ".")
        case .dataCorrupted, nil: "no valid JSON"
        @unknown default: "no valid JSON"
        }
    }
}

/// Why a check said nothing; never the requester's fault.
package enum CheckFault: Error, Hashable, Sendable {
    /// So many wait that this one would wait for too long.
    case busy
    /// The script, the sandbox or the disk failed; for the operator.
    case failed(reason: String)
    /// Its task was cancelled.
    case stopped
}

extension CheckFindings.Problem {
    /// As a fault of the form.
    package var fault: FieldFault {
        FieldFault(field: field?.text ?? "", code: .refusedByCheck(place: place, problem: message, mend: mend))
    }
}

import Archives
import Foundation

/// The one file that a run is given of all that was fetched: `fetched.json`, `documents/<name>`, `pictures/<name>`.
struct FetchedArchive: Sendable {
    struct Document: Encodable, Sendable {
        var name: String
        var url: String
        /// `nil` if no answer came.
        var status: Int?
        var bytes: Int64 = 0
        var sha256: String?
        /// Why it is not there.
        var error: String?
    }

    struct Picture: Encodable, Sendable {
        /// As the check script wrote it.
        var url: String
        var name: String
        /// `nil` if no answer came.
        var status: Int?
        var bytes: Int64 = 0
        /// By its bytes; `nil` if it is not there.
        var content_type: String?
        /// Why it is not there.
        var error: String?
    }

    private struct Contents: Encodable {
        var from: String?
        var documents: [Document]
        var pictures: [Picture]
    }

    var from: String?
    var documents: [(Document, path: String?)] = []
    var pictures: [(Picture, path: String?)] = []
    private let writer = ArchiveWriter()

    init(from: String?) {
        self.from = from
    }

    /// The same bytes for the same contents.
    func write(to path: String) async throws(GatherFault) {
        do {
            _ = try await writer.write(try items, as: .zip, to: path)
        } catch ArchiveError.cancelled {
            throw .stopped
        } catch {
            throw .machine(reason: "what was fetched cannot be packed: \(error)")
        }
    }

    private var items: [ArchiveItem] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            let contents = Contents(from: from, documents: documents.map(\.0), pictures: pictures.map(\.0))
            var items = [ArchiveItem.bytes("fetched.json", Array(try encoder.encode(contents)))]
            for case (let document, let path?) in documents {
                items.append(.file("documents/\(document.name)", from: path))
            }
            for case (let picture, let path?) in pictures {
                items.append(.file("pictures/\(picture.name)", from: path))
            }
            return items
        }
    }
}
